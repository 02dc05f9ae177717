// Package commandline is what the commands of the command line do: it wires the
// house together. main parses the words, and hands over an App; nobody else
// imports it.
package commandline

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"newsdesk/config"
)

// An App is what every command is given.
type App struct {
	Context        context.Context
	Path           string // of the configuration, "" for none
	Config         config.Config
	Log            *slog.Logger
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Version        string // of the program
}

func (a *App) userAgent() string { return "Newsdesk/" + a.Version + " (feed reader)" }

// Version prints the version.
type Version struct{}

func (Version) Help() string { return "Example:\n  newsdesk version" }

func (Version) Run(a *App) error {
	_, err := fmt.Fprintln(a.Stdout, "newsdesk", a.Version)
	return err
}
