package setup

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func (t *talk) askWeb() error {
	for {
		a, err := t.ask("Where does the web page listen?", "127.0.0.1:8080")
		if err != nil {
			return err
		}
		if wrong := tryListening(a); wrong != "" {
			t.say("  ! %s", wrong)
			continue
		}
		t.file.listen = a
		host, _, _ := net.SplitHostPort(a)
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			t.file.webToken = t.Secret()
			t.say("Others reach that address, so that the page asks for a token: web.token in the file.")
		}
		return nil
	}
}

// tryListening says what keeps the page from listening there, "" for nothing.
func tryListening(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "want host:port, such as 127.0.0.1:8080"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Sprintf("%q is no port: want a number from 1 to 65535, as in 127.0.0.1:8080", port)
	}
	l, err := net.Listen("tcp", address)
	if err == nil {
		l.Close()
		return ""
	}
	_, unknown := errors.AsType[*net.DNSError](err)
	switch {
	case unknown:
		return fmt.Sprintf("there is no host %q: give an address of this machine, or 0.0.0.0 for all it has", host)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("something listens on port %s already: choose another", port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is no address of this machine: give one that is, or 0.0.0.0 for all it has", host)
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("you may not listen on port %s: choose one from 1024 on", port)
	}
	return fmt.Sprintf("nothing can listen there: %v", err)
}

// pageAt tells where the page opens in a browser, and how it gets its token.
func (t *talk) pageAt() string {
	host, port, _ := net.SplitHostPort(t.file.listen)
	at := "http://" + t.file.listen + "/"
	said := "The web page is on " + at + "."
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() { // on all addresses, which is none to open
		at = "http://" + net.JoinHostPort("localhost", port) + "/"
		said = "The web page is on " + at + " on this machine, and on "
		if name, err := os.Hostname(); err == nil && name != "" && !strings.HasPrefix(name, "localhost") {
			said += "http://" + net.JoinHostPort(name, port) + "/, or this machine's address in the place of that name, on others."
		} else {
			said += "port " + port + " of this machine's address on others."
		}
	}
	if t.file.webToken != "" {
		said += " Open " + at + "?token=... once in each browser, with web.token of the file in the place of the dots."
	}
	return said
}
