// Newsdesk delivers AI-industry news to Discord and Slack. This file parses the
// command line; package commandline wires the house, and packages news and bot
// do the work.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // zones of subscriptions, wherever the binary runs

	"github.com/alecthomas/kong"

	"newsdesk/adapters/commandline"
	"newsdesk/config"
)

// version is set by the linker in releases.
var version = ""

// Exit codes; CONTRACT: command line.
const (
	exitFailed = 1
	exitUsage  = 2
)

type cli struct {
	Config    string `type:"path" placeholder:"FILE" help:"Configuration file (newsdesk.yaml where it exists)."`
	LogFormat string `enum:"text,json" default:"text" help:"Form of the logs on stderr: text or json."`
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"Least level that is logged: debug, info, warn or error."`

	Run      commandline.Run      `cmd:"" default:"withargs" help:"Run the bot (the default)."`
	Demo     commandline.Demo     `cmd:"" help:"Run a whole bot on a bundled sample day: no account, no Redis, no network."`
	Replay   commandline.Replay   `cmd:"" help:"Put archived feeds or articles through the desk and print the stories."`
	Setup    commandline.Setup    `cmd:"" help:"Ask for accounts and a channel, try them, write the configuration and say hello."`
	Check    commandline.Check    `cmd:"" help:"Check configuration, tokens, permissions and feeds; name every problem."`
	Sources  commandline.Sources  `cmd:"" help:"List the catalogue of sources; import and export OPML."`
	Manifest commandline.Manifest `cmd:"" help:"Print what to paste into a platform's developer page."`
	Version  commandline.Version  `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Main runs one command line and returns its exit code.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	exited := -1
	parser := kong.Must(&c, kong.Name("newsdesk"),
		kong.Description("AI-industry news for Discord and Slack: few stories, each once, with its reasons.\n\nExample:\n  newsdesk demo"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }))
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "newsdesk: %v\nTry: newsdesk --help\n", err)
		return exitUsage
	}
	a := &commandline.App{
		Context: ctx, Log: logger(stderr, c.LogFormat, c.LogLevel), Stdin: stdin, Stdout: stdout, Stderr: stderr, Version: buildVersion(),
	}
	if k.Command() != "version" {
		if c.Config == "" {
			if _, err := os.Stat("newsdesk.yaml"); err == nil {
				c.Config = "newsdesk.yaml"
			}
		}
		a.Path = c.Config
		if k.Command() == "setup" {
			c.Config = "" // it may be wrong or missing: setup writes it
		}
		if a.Config, err = config.Load(c.Config, os.LookupEnv); err != nil {
			fmt.Fprintf(stderr, "newsdesk: %v\n", err)
			return exitFailed
		}
	}
	if err := k.Run(a); err != nil {
		fmt.Fprintf(stderr, "newsdesk: %v\n", err)
		return exitFailed
	}
	return 0
}

func logger(w io.Writer, format, level string) *slog.Logger {
	var l slog.Level
	l.UnmarshalText([]byte(level)) // kong allows known levels only
	o := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// buildVersion is the release's version, or the commit a binary was built from.
func buildVersion() string {
	if version != "" {
		return version
	}
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "devel"
}
