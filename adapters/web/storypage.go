package web

import (
	"net/http"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/impact"
)

// relatedShown is how many related stories the story page lists.
const relatedShown = 5

type storyView struct {
	frame
	Story    news.Story
	Summary  string   // with the outlet behind each sentence
	Body     []string // likewise
	Parts    []partBar
	Statuses []brief.Status // the newest first
	Outlets  []outlet
	Related  []news.Story
}

// A partBar is a part of the impact with the length of its bar.
type partBar struct {
	impact.Part
	Width    int // percent of the longest
	Negative bool
}

// An outlet is a source with its articles in a story.
type outlet struct {
	Name     string
	Articles []news.Ref
}

func (s *Server) storyPage(w http.ResponseWriter, r *http.Request) error {
	if s.keepToken(w, r) {
		return nil
	}
	st, err := s.o.Desk.Story(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	related, err := s.o.Desk.Related(r.Context(), st, relatedShown)
	if err != nil {
		return err
	}
	p := storyView{
		frame: s.frame(visible(st.Headline)), Story: st, Parts: bars(st.Parts),
		Statuses: []brief.Status{st.Status}, Outlets: outlets(st.Articles), Related: related,
	}
	p.Summary = brief.Credited(st.Brief.Summary, st.Brief.Credits.Summary)
	for i, text := range st.Brief.Body {
		if i < len(st.Brief.Credits.Body) {
			text = brief.Credited(text, st.Brief.Credits.Body[i])
		}
		p.Body = append(p.Body, text)
	}
	for i := len(st.History) - 1; i >= 0; i-- {
		p.Statuses = append(p.Statuses, st.History[i])
	}
	s.page(w, http.StatusOK, "story.html", p)
	return nil
}

func bars(parts []impact.Part) []partBar {
	longest := 1
	for _, p := range parts {
		longest = max(longest, p.Points, -p.Points)
	}
	out := make([]partBar, len(parts))
	for i, p := range parts {
		out[i] = partBar{p, max(p.Points, -p.Points) * 100 / longest, p.Points < 0}
	}
	return out
}

// outlets groups articles by outlet, in order of appearance.
func outlets(articles []news.Ref) []outlet {
	var out []outlet
	at := make(map[string]int)
	for _, a := range articles {
		i, ok := at[a.Source]
		if !ok {
			i = len(out)
			at[a.Source] = i
			out = append(out, outlet{Name: a.Source})
		}
		out[i].Articles = append(out[i].Articles, a)
	}
	return out
}
