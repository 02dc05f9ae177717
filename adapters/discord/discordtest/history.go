package discordtest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// getMessages shows a channel's history: without Read Message History an
// empty one, as Discord does.
func (s *Server) getMessages(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, no := s.open(r.PathValue("channel"))
	if no != nil {
		return nil, no
	}
	q := r.URL.Query()
	limit := 50
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 100 {
			return nil, malformed("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
		}
		limit = n
	}
	for name := range maps.Keys(q) {
		if !slices.Contains([]string{"limit", "after", "before"}, name) {
			return nil, malformed(name, "UNKNOWN", "not served by this fake")
		}
	}
	if !c.may(ReadMessageHistory) {
		return []any{}, nil
	}
	var picked []*Message
	for _, m := range c.messages {
		if a := q.Get("after"); a != "" && !later(m.ID, a) {
			continue
		}
		if b := q.Get("before"); b != "" && !later(b, m.ID) {
			continue
		}
		picked = append(picked, m)
	}
	if len(picked) > limit {
		if q.Get("after") != "" {
			picked = picked[:limit]
		} else {
			picked = picked[len(picked)-limit:]
		}
	}
	out := []any{}
	for _, m := range slices.Backward(picked) {
		out = append(out, s.show(m))
	}
	return out, nil
}

func later(a, b string) bool {
	x, _ := strconv.ParseUint(a, 10, 64)
	y, _ := strconv.ParseUint(b, 10, 64)
	return x > y
}
