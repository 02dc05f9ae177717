package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

func (s *Server) stories(w http.ResponseWriter, r *http.Request) error {
	q, err := storyQuery(r.URL.Query(), s.o.Now())
	if err != nil {
		return err
	}
	res, err := s.o.Desk.Search(r.Context(), q)
	if err != nil {
		return err
	}
	answer := struct {
		Stories []news.Story `json:"stories"`
		Total   int          `json:"total"` // how many match in all
		Next    string       `json:"next"`  // "" on the last page
	}{make([]news.Story, 0, len(res.Stories)), res.Total, res.Next}
	s.o.Desk.NameRelated(res.Stories)
	for _, st := range res.Stories {
		answer.Stories = append(answer.Stories, filled(st))
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

func (s *Server) story(w http.ResponseWriter, r *http.Request) error {
	st, err := s.o.Desk.Story(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	one := []news.Story{st}
	s.o.Desk.NameRelated(one)
	writeJSON(w, http.StatusOK, filled(one[0]))
	return nil
}

// filled makes empty lists of st read [] in JSON, not null.
func filled(st news.Story) news.Story {
	list(&st.Parts)
	list(&st.Topics)
	list(&st.Brief.Body)
	list(&st.Figures)
	list(&st.Related)
	list(&st.Sources)
	list(&st.Articles)
	st.Turns = nil
	return st
}

func list[T impact.Part | brief.Figure | news.Ref | string](s *[]T) {
	if *s == nil {
		*s = []T{}
	}
}

func (s *Server) deliveries(w http.ResponseWriter, r *http.Request) error {
	q, err := deliveryQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if s.o.Outbox == nil {
		return &mistake{http.StatusNotFound, "this server has no outbox"}
	}
	ds, err := s.o.Outbox.Deliveries(r.Context(), q)
	if err != nil {
		return err
	}
	if ds == nil {
		ds = []bot.Delivery{}
	}
	writeJSON(w, http.StatusOK, map[string][]bot.Delivery{"deliveries": ds})
	return nil
}

// retry makes a delivery that was given up pending again.
func (s *Server) retry(w http.ResponseWriter, r *http.Request) error {
	if s.o.Outbox == nil {
		return &mistake{http.StatusNotFound, "this server has no outbox"}
	}
	id := r.PathValue("id")
	err := s.o.Outbox.Retry(r.Context(), id)
	if errors.Is(err, news.ErrNotFound) {
		return &mistake{http.StatusNotFound, fmt.Sprintf("no delivery %q was given up: /api/deliveries?state=dead names those that were", id)}
	} else if err != nil {
		return err
	}
	s.log.Info("delivery is retried: an operator said so", "delivery", id)
	writeJSON(w, http.StatusOK, map[string]string{"status": "pending"})
	return nil
}

// A sourceJSON is a source as /api/sources shows it: what its feeds say
// together, then each of them.
type sourceJSON struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Kind        news.Kind  `json:"kind"`
	Site        string     `json:"site,omitempty"`
	Lang        string     `json:"lang"`
	Authority   float64    `json:"authority"`
	LastSuccess *time.Time `json:"last_success"` // the latest of its feeds; null where none ever was
	NextCheck   *time.Time `json:"next_check"`   // the earliest; null before the first check
	Failures    int        `json:"failures"`     // of the feed that fails longest
	Error       string     `json:"error"`        // that feed's
	Feeds       []feedJSON `json:"feeds"`
}

type feedJSON struct {
	URL         string     `json:"url"`
	LastCheck   *time.Time `json:"last_check"`
	LastSuccess *time.Time `json:"last_success"`
	NextCheck   *time.Time `json:"next_check"`
	Interval    float64    `json:"interval_seconds"`
	Items       int        `json:"items"`
	Failures    int        `json:"failures"`
	Error       string     `json:"error"`
	Warning     string     `json:"warning"`
}

func (s *Server) sources(w http.ResponseWriter, r *http.Request) error {
	all, err := s.o.Desk.Sources(r.Context())
	if err != nil {
		return err
	}
	out := make([]sourceJSON, len(all))
	for i, src := range all {
		out[i] = describe(src)
	}
	writeJSON(w, http.StatusOK, map[string][]sourceJSON{"sources": out})
	return nil
}

func describe(src news.SourceState) sourceJSON {
	out := sourceJSON{
		ID: src.ID, Name: src.Name, Kind: src.Kind, Site: src.Site, Lang: src.Lang, Authority: src.Authority,
		Feeds: make([]feedJSON, len(src.States)),
	}
	for i, f := range src.States {
		j := feedJSON{
			URL: f.URL, LastCheck: moment(f.Checked), LastSuccess: moment(f.Succeeded), NextCheck: moment(f.Next),
			Interval: f.Interval.Seconds(), Items: f.Items, Failures: f.Failures, Error: f.Error, Warning: f.Warning,
		}
		out.Feeds[i] = j
		if j.LastSuccess != nil && (out.LastSuccess == nil || out.LastSuccess.Before(*j.LastSuccess)) {
			out.LastSuccess = j.LastSuccess
		}
		if j.NextCheck != nil && (out.NextCheck == nil || j.NextCheck.Before(*out.NextCheck)) {
			out.NextCheck = j.NextCheck
		}
		if f.Failures > out.Failures {
			out.Failures, out.Error = f.Failures, f.Error
		}
	}
	return out
}

// moment is nil for the zero time, which JSON would print as the year 1.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
