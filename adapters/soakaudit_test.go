package adapters_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"newsdesk/bot"
	"newsdesk/news"
)

// A shown message is one that stands in a channel.
type shown struct{ id, title string }

// channels returns what stands in every channel, in order.
func (s *soak) channels() map[bot.Channel][]shown {
	all := map[bot.Channel][]shown{}
	for _, c := range soakDiscord {
		at := bot.Channel("discord:" + c)
		all[at] = nil
		for _, m := range s.discord.Messages(c) {
			title := ""
			if len(m.Embeds) > 0 {
				title = m.Embeds[0].Title
			}
			all[at] = append(all[at], shown{m.ID, title})
		}
	}
	for _, c := range soakSlack {
		at := bot.Channel("slack:" + c)
		all[at] = nil
		for _, m := range s.slack.Messages(c) {
			title, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n")
			all[at] = append(all[at], shown{m.TS, title})
		}
	}
	return all
}

// outbox asks a process for everything that a channel was owed, in order of Enqueue.
func outbox(p *process, c bot.Channel) ([]bot.Delivery, error) {
	var out struct{ Deliveries []bot.Delivery }
	err := p.get("/api/deliveries?limit=1000&channel="+url.QueryEscape(string(c)), &out)
	slices.Reverse(out.Deliveries)
	return out.Deliveries, err
}

// atRest reports whether every story is somewhere and nothing is left to do.
func (s *soak) atRest(p *process) bool {
	for c, ms := range s.channels() {
		if len(ms) < len(s.titles) {
			return false
		}
		ds, err := outbox(p, c)
		if err != nil || slices.ContainsFunc(ds, func(d bot.Delivery) bool { return !d.State.Settled() && d.Kind != bot.KindEdit }) {
			return false
		}
	}
	return true
}

// unrest says what is still to be done.
func (s *soak) unrest(p *process) string {
	var b strings.Builder
	var all struct{ Stories []news.Story }
	if err := p.get("/api/stories?limit=100", &all); err != nil {
		fmt.Fprintln(&b, err)
	}
	for _, st := range all.Stories {
		fmt.Fprintf(&b, "story %s %q seq %d backlog %t fresh %v: %d articles\n", st.ID, st.Headline, st.Seq, st.Backlog, st.Fresh, len(st.Articles))
	}
	for c, ms := range s.channels() {
		ds, err := outbox(p, c)
		fmt.Fprintf(&b, "%s: %d messages of %d, %v\n", c, len(ms), len(s.titles), err)
		for _, d := range ds {
			if !d.State.Settled() {
				fmt.Fprintf(&b, "  %+v\n", d)
			}
		}
	}
	return b.String()
}

func (s *soak) audit(t *testing.T, p *process) (wrong []string) {
	for c, ms := range s.channels() {
		ds, err := outbox(p, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range auditChannel(s.titles, ms, ds) {
			wrong = append(wrong, fmt.Sprintf("%s: %s", c, w))
		}
	}
	return wrong
}

// auditChannel compares what was printed, what a channel shows, and what the
// outbox says of it.
func auditChannel(titles []string, ms []shown, ds []bot.Delivery) (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, title := range titles {
		n := 0
		for _, m := range ms {
			if m.title == title || strings.HasSuffix(m.title, " "+title) && !strings.Contains(m.title, ": ") {
				n++
			}
		}
		if n == 0 {
			bad("lost: %q", title)
		} else if n > 1 {
			bad("%d times: %q", n, title)
		}
	}
	place := map[string]int{}
	for i, m := range ms {
		place[m.id] = i
	}
	told := map[string]string{} // message -> the delivery that it is
	last := -1
	for _, d := range ds {
		if d.Kind == bot.KindEdit || d.State != bot.Sent {
			if d.State == bot.Dead {
				bad("%s %s was given up: %s", d.Kind, d.ID, d.Error)
			}
			continue
		}
		id := string(d.Message)
		at, ok := place[id]
		if !ok {
			bad("the outbox says that %s %s is message %q, which is not there", d.Kind, d.ID, id)
			continue
		}
		if other := told[id]; other != "" {
			bad("message %s is both %s and %s", id, other, d.ID)
		}
		told[id] = d.ID
		if d.Kind == bot.KindStory {
			if at < last {
				bad("out of order: %q", ms[at].title)
			}
			last = at
		}
	}
	for _, m := range ms {
		if told[m.id] == "" {
			bad("message %s %q is not in the outbox", m.id, m.title)
		}
	}
	return wrong
}

// TestSoakAudit: the audit sees each thing that may go wrong.
func TestSoakAudit(t *testing.T) {
	sent := func(id, message string) bot.Delivery {
		return bot.Delivery{ID: id, Kind: bot.KindStory, State: bot.Sent, Message: bot.MessageID(message)}
	}
	titles := []string{"A1 opens B1", "A2 opens B2"}
	one, two := shown{"1", titles[0]}, shown{"2", titles[1]}
	for _, tt := range []struct {
		name string
		ms   []shown
		ds   []bot.Delivery
		want string
	}{
		{"well", []shown{one, two}, []bot.Delivery{sent("a", "1"), sent("b", "2")}, ""},
		{"lost", []shown{one}, []bot.Delivery{sent("a", "1")}, `lost: "A2 opens B2"`},
		{"twice", []shown{one, two, {"3", titles[0]}}, []bot.Delivery{sent("a", "1"), sent("b", "2")}, `2 times: "A1 opens B1"; message 3 "A1 opens B1" is not in the outbox`},
		{"order", []shown{two, one}, []bot.Delivery{sent("a", "1"), sent("b", "2")}, `out of order: "A2 opens B2"`},
		{"not there", []shown{one, two}, []bot.Delivery{sent("a", "1"), sent("b", "9")}, `the outbox says that story b is message "9", which is not there; message 2 "A2 opens B2" is not in the outbox`},
		{"one for two", []shown{one, two}, []bot.Delivery{sent("a", "1"), sent("b", "1")}, `message 1 is both a and b; message 2 "A2 opens B2" is not in the outbox`},
		{"given up", []shown{one, two}, []bot.Delivery{sent("a", "1"), sent("b", "2"), {ID: "c", Kind: bot.KindStory, State: bot.Dead, Error: "no"}}, "story c was given up: no"},
	} {
		if got := strings.Join(auditChannel(titles, tt.ms, tt.ds), "; "); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
