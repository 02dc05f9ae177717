package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

//go:embed templates/*.html static/*
var files embed.FS

var pages = template.Must(template.New("").Funcs(functions).ParseFS(files, "templates/*.html"))

// A frame is what every page shows around its own content.
type frame struct {
	Title   string
	Name    string
	Version string
	Now     time.Time // by the server's clock, which a demo sets
}

func (s *Server) frame(title string) frame { return frame{title, s.o.Name, s.o.Version, s.o.Now()} }

type errorPage struct {
	frame
	Code int
	Text string
}

type loginPage struct {
	frame
	Wrong bool // a token was given and is not the one
}

// page answers with a page; one that cannot be drawn whole is not begun.
func (s *Server) page(w http.ResponseWriter, code int, name string, v any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, v); err != nil {
		s.log.Error("a page cannot be drawn", "page", name, "err", err)
		http.Error(w, "this page cannot be drawn; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	w.Write(body.Bytes())
}

// maxDrawn is how many of a channel's messages the preview shows.
const maxDrawn = 50

type previewPage struct {
	frame
	Channel bot.Channel
	Board   boardView
	Hints   []string
}

// A boardView is the part of the preview that changes by itself.
type boardView struct {
	Version  string
	Channel  bot.Channel // whose messages they are
	Channels []bot.Channel
	Messages []drawing
	Span     string // of Top: "today", "this week" or "so far"
	Top      []news.Story
}

func (s *Server) preview(w http.ResponseWriter, r *http.Request) error {
	if s.keepToken(w, r) {
		return nil
	}
	c, err := s.chosen(r)
	if err != nil {
		return err
	}
	b, err := s.boardView(r, c, "")
	if err != nil {
		return err
	}
	s.page(w, http.StatusOK, "preview.html", previewPage{s.frame("Preview"), c, b, s.hints()})
	return nil
}

// messages answers the preview's question whether anything changed since the
// version v: with 204, or with the parts of the page to replace.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) error {
	c, err := s.chosen(r)
	if err != nil {
		return err
	}
	have := r.URL.Query().Get("v")
	b, err := s.boardView(r, c, have)
	if err != nil {
		return err
	}
	if b.Version == have {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	parts := map[string]string{"version": b.Version, "now": s.o.Now().UTC().Format(time.RFC3339)}
	for _, name := range []string{"channels", "discord-list", "slack-list", "top-list"} {
		var out bytes.Buffer
		if err := pages.ExecuteTemplate(&out, name, b); err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
		parts[name] = out.String()
	}
	writeJSON(w, http.StatusOK, parts)
	return nil
}

// chosen is the channel that r asks for.
func (s *Server) chosen(r *http.Request) (bot.Channel, error) {
	c := bot.Channel(r.URL.Query().Get("channel"))
	if c == "" {
		return s.o.Channels[0], nil
	}
	if err := checkChannel(c); err != nil {
		return "", badRequest("%v", err)
	}
	return c, nil
}

// boardView is the board of a channel; without its messages where the page
// has this version of them already.
func (s *Server) boardView(r *http.Request, c bot.Channel, have string) (boardView, error) {
	var b boardView
	var err error
	if b.Top, b.Span, err = s.top(r); err != nil {
		return b, err
	}
	ms, version := s.board.list(c)
	sum := fnv.New64a()
	for _, st := range b.Top {
		fmt.Fprintln(sum, st.ID, st.Seq, st.Impact, st.Status.Value, st.Headline)
	}
	if b.Version = fmt.Sprintf("%s.%d.%x", s.board.run, version, sum.Sum64()); b.Version == have {
		return b, nil
	}
	if b.Channel, b.Channels = c, s.board.known(); !slices.Contains(b.Channels, c) {
		b.Channels = append(b.Channels, c)
	}
	titles := make(map[bot.MessageID]string, len(ms))
	for _, m := range ms {
		titles[m.ID] = m.Card.Title
	}
	b.Messages, err = s.album.of(c, ms[max(0, len(ms)-maxDrawn):], titles)
	return b, err
}

// topShown is how many stories stand beside the channel.
const topShown = 10

// webUser is the person that the preview's commands come from.
const webUser = "web"

// person names the direct messages that c is, "" for a channel.
func person(c bot.Channel) string {
	name, ok := c.Person()
	switch {
	case !ok:
		return ""
	case name == webUser:
		return "Direct messages"
	}
	return "Direct messages to " + name
}

// top returns the highest stories of the shortest span that has enough of them.
func (s *Server) top(r *http.Request) ([]news.Story, string, error) {
	now := s.o.Now()
	for _, span := range []struct {
		name  string
		since time.Time
	}{
		{"today", now.Add(-24 * time.Hour)}, {"this week", now.Add(-7 * 24 * time.Hour)}, {"so far", time.Time{}},
	} {
		res, err := s.o.Desk.Search(r.Context(), news.Query{Order: news.Top, Since: span.since, Limit: topShown})
		if err != nil {
			return nil, "", err
		}
		if len(res.Stories) >= topShown/2 || span.since.IsZero() {
			return res.Stories, span.name, nil
		}
	}
	return nil, "", nil
}

// hints are lines for the box: what the commands give as examples.
func (s *Server) hints() []string {
	var out []string
	for _, c := range s.o.Commands {
		out = append(out, c.Examples...)
		if len(c.Examples) == 0 && c.Name != "" {
			out = append(out, "/news "+c.Name)
		}
	}
	return out
}

// sums are the hashes of the static files, which make their addresses.
var sums = func() map[string]string {
	m := make(map[string]string)
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		panic(err) // the directory is compiled in
	}
	for _, e := range entries {
		body, _ := files.ReadFile("static/" + e.Name())
		sum := sha256.Sum256(body)
		m[e.Name()] = hex.EncodeToString(sum[:8])
	}
	return m
}()

// asset is the address of a static file, new with every change of it.
func asset(name string) string { return "/static/" + name + "?" + sums[name] }

func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	sum, ok := sums[name]
	if !ok {
		return &mistake{http.StatusNotFound, fmt.Sprintf("there is nothing at %s", r.URL.Path)}
	}
	h := w.Header()
	h.Set("ETag", `"`+sum+`"`)
	h.Set("Cache-Control", "public, no-cache")
	if r.URL.RawQuery == sum {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, err := files.ReadFile("static/" + name)
	if err != nil {
		return fmt.Errorf("static file %s: %w", name, err)
	}
	http.ServeContent(w, r, path.Base(name), time.Time{}, bytes.NewReader(body))
	return nil
}
