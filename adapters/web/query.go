package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/brief"
)

// The bounds of what one request may ask for.
const (
	maxQuery      = 200 // bytes of ?q=
	maxTopics     = 20
	maxStories    = 100
	maxDeliveries = 1000
)

var statuses = []string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied}

// storyQuery reads the filters that /api/stories and /feed.atom share. Words
// are answered best first, everything else newest first; order= says otherwise.
func storyQuery(v url.Values, now time.Time) (news.Query, error) {
	if err := only(v, "q", "topic", "status", "since", "min_impact", "limit", "after", "order"); err != nil {
		return news.Query{}, err
	}
	q := news.Query{Text: strings.TrimSpace(v.Get("q")), After: v.Get("after"), Order: news.Newest, Limit: 20}
	if len(q.Text) > maxQuery {
		return q, badRequest("q is %d bytes long: at most %d, please", len(q.Text), maxQuery)
	}
	if !news.IsAfter(q.After) {
		return q, badRequest("after %q is no page: use the \"next\" of the answer before", clipped(q.After))
	}
	if q.Text != "" {
		q.Order = news.Best
	}
	for _, list := range v["topic"] {
		for t := range strings.SplitSeq(list, ",") {
			if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
				q.Topics = append(q.Topics, t)
			}
		}
	}
	if len(q.Topics) > maxTopics {
		return q, badRequest("topic names %d topics: at most %d, please", len(q.Topics), maxTopics)
	}
	if q.Status = strings.ToLower(v.Get("status")); q.Status == "rumor" {
		q.Status = brief.Rumour
	}
	if q.Status != "" && !slices.Contains(statuses, q.Status) {
		return q, badRequest("status %q is unknown: use one of %s", v.Get("status"), strings.Join(statuses, ", "))
	}
	var err error
	if q.Since, err = since(v.Get("since"), now); err != nil {
		return q, err
	}
	if q.MinImpact, err = whole(v, "min_impact", 0, 0, 100); err != nil {
		return q, err
	}
	if q.Limit, err = whole(v, "limit", q.Limit, 1, maxStories); err != nil {
		return q, err
	}
	switch v.Get("order") {
	case "":
	case "best":
		q.Order = news.Best
	case "newest":
		q.Order = news.Newest
	case "top":
		q.Order = news.Top
	default:
		return q, badRequest("order %q is unknown: use one of best, newest, top", v.Get("order"))
	}
	return q, nil
}

// only refuses parameters that a door does not know: a filter that is spelt
// wrong would select everything. A token is the guard's, and any door's.
func only(v url.Values, known ...string) error {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if name == "token" || slices.Contains(known, name) {
			continue
		}
		hint := ""
		// limits, min-impact and impact are known names in part.
		for _, k := range known {
			if hint == "" && len(name) > 2 && len(k) > 2 && (strings.Contains(k, strings.ToLower(name)) || strings.Contains(strings.ToLower(name), k)) {
				hint = k
			}
		}
		if near, ok := bot.Nearest(name, known); ok {
			hint = near
		}
		if hint != "" {
			hint = fmt.Sprintf(": did you mean %s?", hint)
		} else {
			hint = ":"
		}
		return badRequest("there is no parameter %q%s use %s", clipped(name), hint, strings.Join(known, ", "))
	}
	return nil
}

// clipped is what somebody sent, short enough to be said again.
func clipped(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// since reads a span back from now as commands do (90m, 12h, 7d, 2w, today), a
// date or an RFC 3339 time; "" is the zero time.
func since(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := bot.ParseSince(s, now); err == nil {
		return t, nil
	}
	// A "+" of a zone that was not escaped arrives as a space.
	if t, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")); err == nil {
		return t, nil
	}
	return time.Time{}, badRequest("since %q cannot be read: use a span such as 12h, 7d or 2w, a date such as 2025-04-28, or a time such as 2025-04-28T09:00:00Z", s)
}

// whole reads a whole number between low and high.
func whole(v url.Values, name string, absent, low, high int) (int, error) {
	s := v.Get(name)
	if s == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, badRequest("%s %q is not a whole number between %d and %d", name, s, low, high)
	}
	return n, nil
}

var states = []bot.State{bot.Pending, bot.Sending, bot.Sent, bot.Dead, bot.Moot}

// deliveryQuery reads the filters of /api/deliveries.
func deliveryQuery(v url.Values) (bot.DeliveryQuery, error) {
	if err := only(v, "channel", "state", "story", "limit"); err != nil {
		return bot.DeliveryQuery{}, err
	}
	q := bot.DeliveryQuery{State: bot.State(strings.ToLower(v.Get("state"))), Story: v.Get("story")}
	if q.State != "" && !slices.Contains(states, q.State) {
		return q, badRequest("state %q is unknown: use one of pending, sending, sent, dead, moot", v.Get("state"))
	}
	if c := v.Get("channel"); c != "" {
		var err error
		if q.Channel, err = bot.ParseChannel(c); err != nil {
			return q, badRequest("%v", err)
		}
	}
	var err error
	q.Limit, err = whole(v, "limit", 100, 1, maxDeliveries)
	return q, err
}
