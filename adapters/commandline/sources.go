package commandline

import (
	"fmt"
	"os"
	"text/tabwriter"

	"newsdesk/config"
)

// Sources lists the catalogue, and takes and gives OPML.
type Sources struct {
	List   sourcesList   `cmd:"" help:"Print every source that would be read."`
	Import sourcesImport `cmd:"" help:"Turn an OPML file into lines for the configuration."`
	Export sourcesExport `cmd:"" help:"Print the sources as OPML."`
}

func (Sources) Help() string { return "Example:\n  newsdesk sources list" }

type sourcesList struct{}

func (sourcesList) Help() string { return "Example:\n  newsdesk sources list | grep -i openai" }

func (sourcesList) Run(a *App) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tKIND\tLANG\tAUTHORITY\tNAME\tFEED")
	for _, s := range a.Config.Sources() {
		for _, u := range s.Feeds {
			fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%s\t%s\n", s.ID, s.Kind, s.Lang, s.Authority, s.Name, u)
		}
	}
	return w.Flush()
}

type sourcesImport struct {
	File string `arg:"" help:"An OPML file, or - for stdin."`
}

func (sourcesImport) Help() string {
	return "Example:\n  newsdesk sources import feeds.opml >> newsdesk.yaml\n\n" +
		"A file that has a sources key already takes the entries under its sources.add."
}

func (c sourcesImport) Run(a *App) error {
	in := a.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	sources, err := config.ImportOPML(in)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return config.WriteSources(a.Stdout, sources)
}

type sourcesExport struct{}

func (sourcesExport) Help() string { return "Example:\n  newsdesk sources export > newsdesk.opml" }

func (sourcesExport) Run(a *App) error { return config.ExportOPML(a.Stdout, a.Config.Sources()) }
