package bot_test

import (
	"context"
	"strings"
	"testing"

	"newsdesk/bot"
)

// visit is somebody in space "slack:T1" whom the platform tells of all channels.
func visit(asked *int, line string) bot.Visit {
	return bot.Visit{Space: "slack:T1", User: "mia", Line: line, Sees: func(context.Context) (map[bot.Channel]string, string) {
		*asked++
		return map[bot.Channel]string{"slack:T1/C1": "#one", "slack:T2/C1": "#other", "slack:C1": "#bare", "slack:T1/C9": "#nothing"}, ""
	}}
}

// words are all texts of a page.
func words(h bot.Home) string {
	var b strings.Builder
	for _, p := range h.Parts {
		b.WriteString(string(p.Channel) + ": " + p.Card.Title + " " + p.Card.Text + "\n")
	}
	return b.String()
}

// TestHomeOfOneWorkspace: whatever a platform tells, a page has the orders of its
// workspace alone, and where there are none nobody is asked.
func TestHomeOfOneWorkspace(t *testing.T) {
	p := newPipe(t)
	asked := 0
	m := newManager(p,
		bot.Subscription{ID: "config", Channel: "slack:T2/C1", Mode: bot.Instant},
		bot.Subscription{ID: "config", Channel: "slack:C1", Mode: bot.Instant},
	)
	if got := words(m.Home(t.Context(), visit(&asked, ""))); asked > 0 || !strings.Contains(got, "None of the channels") {
		t.Errorf("the platform is asked %d times, for\n%s", asked, got)
	}
	m = newManager(p,
		bot.Subscription{ID: "config", Channel: "slack:T2/C1", Mode: bot.Instant},
		bot.Subscription{ID: "config", Channel: "slack:C1", Mode: bot.Instant},
		bot.Subscription{ID: "config", Channel: "slack:T1/C1", Mode: bot.Instant},
		bot.Subscription{ID: "config", Channel: "slack:T1/@mia", Mode: bot.Digest, DigestAt: "08:00"},
		bot.Subscription{ID: "config", Channel: "slack:T1/@tom", Mode: bot.Digest, DigestAt: "08:00"},
		bot.Subscription{ID: "topic:openai", Channel: "slack:T1/C1", Mode: bot.Instant},
	)
	got := words(m.Home(t.Context(), visit(&asked, bot.HomeLine+" 99")))
	for _, want := range []string{"slack:T1/C1: #one", "slack:T1/@mia: Direct messages"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing of %q:\n%s", want, got)
		}
	}
	for _, hidden := range []string{"#other", "#bare", "#nothing", "tom"} {
		if strings.Contains(got, hidden) {
			t.Errorf("the page has %q:\n%s", hidden, got)
		}
	}
}

// TestHomeSaysWhatIsSuspended, and a bug leaves a sentence.
func TestHomeSaysWhatIsSuspended(t *testing.T) {
	p := newPipe(t)
	asked := 0
	m := newManager(p, bot.Subscription{ID: "config", Channel: "slack:T1/C1", Mode: bot.Instant})
	if err := p.store.Suspend(t.Context(), "the bot is not in #one: invite it there", "slack:T1/C1"); err != nil {
		t.Fatal(err)
	}
	if got := words(m.Home(t.Context(), visit(&asked, ""))); !strings.Contains(got, "Nothing is posted here since") || !strings.Contains(got, "The bot is not in #one: invite it there") {
		t.Errorf("the page has\n%s", got)
	}
	v := visit(&asked, "")
	v.Answer = &bot.Card{Title: "An answer"}
	v.Sees = func(context.Context) (map[bot.Channel]string, string) { panic("of the adapter") }
	if got := words(m.Home(t.Context(), v)); !strings.Contains(got, "Something went wrong here") || !strings.Contains(got, "An answer") {
		t.Errorf("the page has\n%s", got)
	}
}

// TestNothingIsSharedFromAHome, where no message stands that others could see.
func TestNothingIsSharedFromAHome(t *testing.T) {
	p := newPipe(t)
	m := newManager(p)
	m.topical(90)
	for _, home := range []bool{false, true} {
		r, _ := m.Handle(t.Context(), bot.Invocation{Channel: channel, User: "mia", Space: "s", Manager: true, Speaker: true, Home: home, Line: "digest now"})
		if shares := strings.Contains(labels(r.Card), "Share"); shares == home {
			t.Errorf("on a Home %t: the buttons %s", home, labels(r.Card))
		}
	}
}
