package setup

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

func (t *talk) say(format string, args ...any) { fmt.Fprintf(t.Out, format+"\n", args...) }

// ask returns an answer without blanks at its ends, def where it is empty.
func (t *talk) ask(question, def string) (string, error) {
	if def != "" {
		question += " [" + def + "]"
	}
	fmt.Fprint(t.Out, question+": ")
	line, err := t.read()
	if line = strings.TrimSpace(line); err != nil && line == "" {
		fmt.Fprintln(t.Out)
		if errors.Is(err, io.EOF) || t.ctx.Err() != nil {
			return "", ErrEnded
		}
		return "", err
	}
	if line == "" {
		return def, nil
	}
	return line, nil
}

// read returns a line, or the end of the conversation, which leaves a reading
// of the terminal behind: the process ends with it.
func (t *talk) read() (string, error) {
	var line string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		line, err = t.in.ReadString('\n')
	}()
	select {
	case <-done:
		return line, err
	case <-t.ctx.Done():
		return "", t.ctx.Err()
	}
}

func (t *talk) yes(question string, def bool) (bool, error) {
	hint := "y/N"
	if def {
		hint = "Y/n"
	}
	for {
		a, err := t.ask(question+" ("+hint+")", "")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(a) {
		case "":
			return def, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		t.say("Please answer y or n.")
	}
}

// problems prints what a check found, and reports whether it found something.
func (t *talk) problems(found []string) bool {
	for _, f := range found {
		t.say("  ! %s", f)
	}
	return len(found) > 0
}
