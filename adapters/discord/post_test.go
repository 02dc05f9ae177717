package discord_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

func key(n int) string { return fmt.Sprintf("abcdefghijklmnopqrst%04d", n) }

func card(title string) bot.Card {
	return bot.Card{Title: title, Buttons: []bot.Button{{Label: "Why", Line: "why k3j2"}}}
}

func post(n int) bot.Post {
	return bot.Post{Key: key(n), Channel: roomChannel, Card: card("Chips are back")}
}

// outcome posts once and returns the definite answer, nil where it is in doubt.
func outcome(t *testing.T, p *discord.Platform) *bot.SendError {
	t.Helper()
	_, err := p.Post(t.Context(), post(1))
	if err == nil {
		t.Fatal("posted")
	}
	t.Log(err)
	var e *bot.SendError
	errors.As(err, &e)
	return e
}

// TestRefusalsByCode goes over a socket with every code that has a verdict:
// what each means for the deliveries behind it.
func TestRefusalsByCode(t *testing.T) {
	table := map[bot.Outcome][]int{
		bot.Suspended: {
			10003, 10004, 40007, 50001, 50007, 50009, 50013, 10013, 50033, 50278, // gone, or forbidden
			50083, 160002, 160005, 160006, 160007, // threads
			50008, 50024, 40058, 40067, 220001, // another kind of channel
		},
		bot.Rejected:   {10015, 50027, 40005, 50006, 50035, 50109, 20009, 200000, 200001, 240000},
		bot.Halted:     {40001, 50014, 40333},
		bot.Throttled:  {20016, 20022, 20028, 20029, 40003, 40062},
		bot.Duplicated: {10008},
	}
	tested := map[int]bool{130000: true} // a 503: in doubt, see TestRefusalsByStatus
	for want, codes := range table {
		for _, code := range codes {
			tested[code] = true
			t.Run(fmt.Sprint(code), func(t *testing.T) {
				s, p := newPlatform(t)
				s.Refuse(room, code)
				e := outcome(t, p)
				if e == nil || e.Outcome != want {
					t.Fatalf("got %v, want it %s", e, want)
				}
				if e.Reason == "" || e.Outcome == bot.Throttled && e.RetryAfter <= 0 {
					t.Errorf("no reason, or no time to wait: %+v", e)
				}
			})
		}
	}
	for _, code := range discord.VerdictCodes() {
		if !tested[code] {
			t.Errorf("%d has a verdict and no test", code)
		}
	}
}

// TestRefusalsByStatus has answers that Discord's own API did not write.
func TestRefusalsByStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   bot.Outcome
		doubt  bool
		wait   time.Duration
	}{
		{"bad gateway", 502, "<html>bad gateway</html>", 0, true, 0},
		{"unavailable", 503, "", 0, true, 0},
		{"internal", 500, `{"message":"500: Internal Server Error","code":0}`, 0, true, 0},
		{"gateway time-out", 504, "", 0, true, 0},
		{"request time-out", 408, "", 0, true, 0},
		{"overloaded", 503, `{"code":130000,"message":"overloaded"}`, 0, true, 0},
		{"429 in HTML", 429, "<html>slow down</html>", bot.Throttled, false, time.Minute},
		{"429 that says 20 minutes", 429, `{"code":20028,"retry_after":1163.5,"message":"x"}`, bot.Throttled, false, 1163500 * time.Millisecond},
		{"429 without a time", 429, `{"message":"x"}`, bot.Throttled, false, 5 * time.Second},
		{"429 for ever", 429, `{"retry_after":1e300}`, bot.Throttled, false, 24 * time.Hour},
		{"unauthorized", 401, `{"message":"401: Unauthorized","code":0}`, bot.Halted, false, 0},
		{"a wall", 403, "<html>blocked</html>", bot.Halted, false, 0},
		{"not Discord", 404, "<html>nothing here</html>", bot.Halted, false, 0},
		{"redirect", 302, "", bot.Halted, false, 0},
		{"unknown 403", 403, `{"code":99999,"message":"no"}`, bot.Suspended, false, 0},
		{"unknown 400", 400, `{"code":99999,"message":"no"}`, bot.Rejected, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, p := newPlatform(t)
			s.Answer(1, test.status, test.body)
			e := outcome(t, p)
			switch {
			case (e == nil) != test.doubt:
				t.Fatalf("got %v, in doubt: want %v", e, test.doubt)
			case e == nil:
			case e.Outcome != test.want || test.wait != 0 && e.RetryAfter != test.wait:
				t.Errorf("got %+v, want %s after %s", e, test.want, test.wait)
			}
			if n := len(s.Messages(room)); n != 0 {
				t.Errorf("%d messages", n)
			}
		})
	}
}

// TestMalformedFormNamesThePlace: the log says which part Discord refused.
func TestMalformedFormNamesThePlace(t *testing.T) {
	s, p := newPlatform(t)
	s.Answer(1, http.StatusBadRequest, `{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"title":{"_errors":[{"code":"X","message":"Must be 256 or fewer in length."}]}}}}}`)
	e := outcome(t, p)
	if e == nil || !strings.Contains(e.Error(), "embeds.0.title: Must be 256") {
		t.Errorf("got %v", e)
	}
}

func TestTokenIsNeverTold(t *testing.T) {
	s, p := newPlatform(t)
	s.Answer(1, 400, fmt.Sprintf(`{"code":1,"message":"the header Bot %s is odd"}`, s.Token))
	if e := outcome(t, p); strings.Contains(e.Error(), s.Token) {
		t.Errorf("the token stands in %q", e)
	}
}

// TestUnreachableIsDefinite: where nothing left this machine, nothing is in doubt.
func TestUnreachableIsDefinite(t *testing.T) {
	for _, api := range []string{"http://127.0.0.1:1", "http://name.invalid"} {
		_, p := newPlatform(t, func(o *discord.Options) { o.APIURL = api })
		if e := outcome(t, p); e == nil || e.Outcome != bot.Throttled || e.RetryAfter <= 0 {
			t.Errorf("%s: %v, want it throttled", api, e)
		}
	}
}

// TestDeletedBeforeTheRetry: Discord finds the nonce and no message; posting
// again would bring back what a moderator removed
// (github.com/discord/discord-api-docs/pull/6647).
func TestDeletedBeforeTheRetry(t *testing.T) {
	s, p := newPlatform(t)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	s.Delete(room, string(id))
	if e := outcome(t, p); e == nil || e.Outcome != bot.Duplicated {
		t.Errorf("got %v, want it duplicated", e)
	}
}

func TestEditOfADeletedMessage(t *testing.T) {
	s, p := newPlatform(t)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	s.Delete(room, string(id))
	var e *bot.SendError
	if err := p.Edit(t.Context(), post(1), id); !errors.As(err, &e) || e.Outcome != bot.Rejected {
		t.Errorf("Edit = %v, want it rejected", err)
	}
}

func TestEditTakesButtonsAway(t *testing.T) {
	s, p := newPlatform(t)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	bare := post(1)
	bare.Card = bot.Card{Title: "bare"}
	if err := p.Edit(t.Context(), bare, id); err != nil {
		t.Fatal(err)
	}
	m := s.Messages(room)[0]
	if len(m.Buttons()) != 0 || keyOf(m) != key(1) {
		t.Errorf("buttons %v, key %q", m.Buttons(), keyOf(m))
	}
}

func TestAnswerToADeletedMessageStandsByItself(t *testing.T) {
	s, p := newPlatform(t)
	late := post(1)
	late.Thread = bot.MessageID("1400000000000000123")
	if _, err := p.Post(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	if m := s.Messages(room)[0]; m.Answers != "" {
		t.Errorf("it answers %q", m.Answers)
	}
}

// Without Read Message History the bot may post, but not answer to a message.
func TestAnswerWithoutHistoryStandsByItself(t *testing.T) {
	s, p := newPlatform(t)
	first, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	s.AddChannel(room, discordtest.Channel{Permissions: discordtest.Usual &^ discordtest.ReadMessageHistory})
	late := post(2)
	late.Thread = first
	if _, err := p.Post(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	if ms := s.Messages(room); ms[len(ms)-1].Answers != "" || keyOf(ms[len(ms)-1]) != key(2) {
		t.Errorf("%+v", ms)
	}
}

// A post opens an archived thread again; an edit does not, which says nothing
// against the thread.
func TestEditInAnArchivedThread(t *testing.T) {
	s, p := newPlatform(t)
	id, err := p.Post(t.Context(), post(1))
	if err != nil {
		t.Fatal(err)
	}
	s.Refuse(room, 50083)
	var e *bot.SendError
	if err := p.Edit(t.Context(), post(1), id); !errors.As(err, &e) || e.Outcome != bot.Rejected {
		t.Errorf("Edit = %v, want it rejected", err)
	}
}

func TestForeignChannels(t *testing.T) {
	_, p := newPlatform(t)
	for _, c := range []bot.Channel{"slack:C1", "discord:abc", "discord:", "discord:1/../2", "discord:123456789012345678901"} {
		_, err := p.Post(t.Context(), bot.Post{Key: key(1), Channel: c, Card: card("x")})
		var e *bot.SendError
		if !errors.As(err, &e) || e.Outcome != bot.Suspended {
			t.Errorf("Post to %s = %v, want it suspended", c, err)
		}
	}
}

// TestPaceKeepsWithinTheLimits: twelve posts through a limit of five in half a
// second run into no refusal.
func TestPaceKeepsWithinTheLimits(t *testing.T) {
	s, p := newPlatform(t)
	s.Limit(5, 500*time.Millisecond, 50)
	for i := range 12 {
		if _, err := p.Post(t.Context(), post(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Throttled(); n != 0 || len(s.Messages(room)) != 12 {
		t.Errorf("%d refusals, %d messages", n, len(s.Messages(room)))
	}
}

// TestLongWaitIsThrottled: a worker is not held for a minute.
func TestLongWaitIsThrottled(t *testing.T) {
	s, p := newPlatform(t)
	s.Limit(1, time.Minute, 0)
	if _, err := p.Post(t.Context(), post(0)); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	e := outcome(t, p)
	if e == nil || e.Outcome != bot.Throttled || e.RetryAfter < 50*time.Second || time.Since(begun) > time.Second {
		t.Errorf("got %+v after %s", e, time.Since(begun))
	}
	if s.Throttled() != 0 {
		t.Error("the request was sent")
	}
	// Another channel has a limit of its own.
	s.AddChannel("1500000000000000002", discordtest.Channel{})
	other := post(2)
	other.Channel = "discord:1500000000000000002"
	if _, err := p.Post(t.Context(), other); err != nil {
		t.Error(err)
	}
}

func TestGlobalLimitHoldsEveryChannel(t *testing.T) {
	s, p := newPlatform(t)
	s.AddChannel("1500000000000000002", discordtest.Channel{})
	s.Throttle(1, time.Minute, "global")
	outcome(t, p)
	other := post(2)
	other.Channel = "discord:1500000000000000002"
	_, err := p.Post(t.Context(), other)
	var e *bot.SendError
	if !errors.As(err, &e) || e.Outcome != bot.Throttled || len(s.Messages("1500000000000000002")) != 0 {
		t.Errorf("Post = %v after a global limit", err)
	}
}
