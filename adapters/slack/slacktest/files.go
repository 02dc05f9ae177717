package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Uploads: docs.slack.dev/messaging/working-with-files#upload.

// fileWork is how long Slack works on a file before a message may show it;
// about a second is reported.
const fileWork = 300 * time.Millisecond

// A file is one that an app uploads.
type file struct {
	team    string
	length  int
	content []byte
	done    time.Time // completed then; zero before
}

// SlowFiles makes the work on each file take d.
func (s *Server) SlowFiles(d time.Duration) { s.set(func() { s.slowFiles = d }) }

// uploadURL answers files.getUploadURLExternal. The caller holds mu.
func (s *Server) uploadURL(args url.Values) reply {
	if no := s.need("files:write"); no != nil {
		return no
	}
	n, err := strconv.Atoi(args.Get("length"))
	if err != nil || n <= 0 || args.Get("filename") == "" {
		return refuse("invalid_arguments")
	}
	id := s.id("F0FILE")
	s.files[id] = &file{team: s.caller(args).id, length: n}
	return reply{"ok": true, "upload_url": "http://" + s.host + "/upload/" + id, "file_id": id}
}

// upload takes a file's bytes.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<20))
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[r.PathValue("id")]
	if err != nil || r.Method != http.MethodPost || f == nil || f.content != nil || len(content) != f.length {
		http.Error(w, "no such upload, or not as long as was said", http.StatusBadRequest)
		return
	}
	f.content = content
	fmt.Fprintf(w, "OK - %d", len(content))
}

// uploaded answers files.completeUploadExternal. The caller holds mu.
func (s *Server) uploaded(args url.Values) reply {
	if no := s.need("files:write"); no != nil {
		return no
	}
	var listed []struct{ ID, Title string }
	if json.Unmarshal([]byte(args.Get("files")), &listed) != nil || len(listed) == 0 {
		return refuse("invalid_arguments")
	}
	var out []any
	for _, l := range listed {
		f := s.files[l.ID]
		if f == nil || f.team != s.caller(args).id || f.content == nil || !f.done.IsZero() {
			return refuse("file_not_found")
		}
		f.done = time.Now()
		out = append(out, object{"id": l.ID, "title": l.Title})
	}
	return reply{"ok": true, "files": out}
}

// readyIn tells which files a message of a workspace may show. The caller holds
// mu.
func (s *Server) readyIn(team string) func(id string) bool {
	return func(id string) bool { return s.ready(team, id) }
}

func (s *Server) ready(team, id string) bool {
	f := s.files[id]
	if f == nil || f.team != team || f.done.IsZero() || time.Since(f.done) < s.slowFiles {
		return false
	}
	_, err := png.DecodeConfig(bytes.NewReader(f.content))
	return err == nil
}

// Picture returns the uploaded picture that a message shows with its
// alternative text; nil where it shows none.
func (s *Server) Picture(m Message) (content []byte, alt string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range m.Blocks {
		o, _ := b.(object)
		shown, _ := o["slack_file"].(object)
		id, _ := shown["id"].(string)
		if f := s.files[id]; f != nil {
			alt, _ = o["alt_text"].(string)
			return f.content, alt
		}
	}
	return nil, ""
}
