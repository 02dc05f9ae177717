package web

import (
	"net/http"
	"net/url"

	"newsdesk/news"
)

type listView struct {
	frame
	Heading string
	Stories []news.Story
	Total   int
	Next    string // address of the next page, "" on the last
}

// storyList answers GET /stories: the stories that the filters of /api/stories
// select, for people.
func (s *Server) storyList(w http.ResponseWriter, r *http.Request) error {
	if s.keepToken(w, r) {
		return nil
	}
	v := r.URL.Query()
	q, err := storyQuery(v, s.o.Now())
	if err != nil {
		return err
	}
	res, err := s.o.Desk.Search(r.Context(), q)
	if err != nil {
		return err
	}
	p := listView{Heading: "Stories", Stories: res.Stories, Total: res.Total}
	for i, t := range s.topicNames(q.Topics) {
		if i == 0 {
			p.Heading += " about "
		} else {
			p.Heading += ", "
		}
		p.Heading += t.Name
	}
	p.frame = s.frame(visible(p.Heading))
	if res.Next != "" {
		v.Set("after", res.Next)
		p.Next = (&url.URL{Path: "/stories", RawQuery: v.Encode()}).String()
	}
	s.page(w, http.StatusOK, "list.html", p)
	return nil
}
