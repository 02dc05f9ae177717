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
	Topics   []topicName
	Summary  string   // with the outlet behind each sentence
	Body     []string // likewise
	Parts    []partBar
	Course   course
	Statuses []brief.Status // the newest first
	Figures  []claims
	Timeline []news.Moment // the oldest first
	Outlets  []outlet
	Copies   int // articles that repeat another
	Own      int // outlets that tell it in words of their own
	Related  []news.Story
}

// A topicName is a topic as people call it.
type topicName struct{ ID, Name string }

// topicNames are the names of topics; one that nobody knows any more is called
// by its ID.
func (s *Server) topicNames(ids []string) []topicName {
	out := make([]topicName, len(ids))
	for i, id := range ids {
		out[i] = topicName{id, id}
		if t, ok := s.o.Gazetteer.Lookup(id); ok && t.Name != "" {
			out[i].Name = t.Name
		}
	}
	return out
}

// claims are what several say of one figure, the first that of the story.
type claims struct {
	Of     string
	Values []claim
}

type claim struct{ Amount, By string }

// sideBySide puts what is said of each figure next to each other.
func sideBySide(figures []brief.Figure) []claims {
	var out []claims
	for _, f := range figures {
		c := claims{f.Of, []claim{{f.Amount(), f.ClaimedBy}}}
		for _, o := range f.Others {
			other := f
			other.Value = o.Value
			c.Values = append(c.Values, claim{other.Amount(), o.ClaimedBy})
		}
		out = append(out, c)
	}
	return out
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
	Copies   bool // it has only what others wrote
	Articles []told
}

// A told is an article with the outlet that it is a copy of, "" for none.
type told struct {
	news.Ref
	After string
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
		Topics: s.topicNames(st.Topics), Course: courseOf(st.Course), Figures: sideBySide(st.Figures), Timeline: st.Timeline(),
	}
	for _, o := range p.Outlets {
		if !o.Copies {
			p.Own++
		}
		for _, a := range o.Articles {
			if a.CopyOf != "" {
				p.Copies++
			}
		}
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
	by := make(map[string]string, len(articles)) // outlets of articles
	for _, a := range articles {
		by[a.ID] = a.Source
	}
	var out []outlet
	at := make(map[string]int)
	for _, a := range articles {
		i, ok := at[a.Source]
		if !ok {
			i = len(out)
			at[a.Source] = i
			out = append(out, outlet{Name: a.Source, Copies: true})
		}
		out[i].Copies = out[i].Copies && a.CopyOf != ""
		out[i].Articles = append(out[i].Articles, told{a, by[a.CopyOf]})
	}
	return out
}
