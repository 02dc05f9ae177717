package slack

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

const newsChannel = bot.Channel("slack:" + slacktest.Channel)

// open makes a platform on a fake Slack. Its log must hold no secret.
func open(t testing.TB) (*Platform, *slacktest.Server) { return openWith(t, Options{}) }

// openWith is open with some options.
func openWith(t testing.TB, o Options) (*Platform, *slacktest.Server) {
	t.Helper()
	s := slacktest.New(t)
	var logged strings.Builder
	o.BotToken, o.AppToken, o.APIURL, o.Commands = slacktest.BotToken, slacktest.AppToken, s.URL(), bot.Table()
	o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.stagger = 0
	t.Cleanup(func() {
		for _, secret := range []string{slacktest.BotToken, slacktest.AppToken, slacktest.SigningSecret, "/respond/"} {
			if strings.Contains(logged.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, logged.String())
			}
		}
		if t.Failed() {
			t.Logf("log:\n%s", logged.String())
		}
	})
	return p, s
}

func post(t *testing.T, p *Platform, channel bot.Channel, key string, c bot.Card) (bot.MessageID, error) {
	t.Helper()
	return p.Post(t.Context(), bot.Post{Key: key, Channel: channel, Card: c})
}

func wantOutcome(t *testing.T, err error, want bot.Outcome) *bot.SendError {
	t.Helper()
	var e *bot.SendError
	if !errors.As(err, &e) || e.Outcome != want {
		t.Fatalf("err = %v, want it %s", err, want)
	}
	return e
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name string
		o    Options
		want string
	}{
		{"none", Options{}, "no bot token"},
		{"swapped", Options{BotToken: "xapp-1-a"}, "begins with xoxb-"},
		{"blank", Options{BotToken: "xoxb-1 \n"}, "unknown form"},
		{"app", Options{BotToken: "xoxb-1", AppToken: "xoxb-1"}, "begins with xapp-"},
		{"transport", Options{BotToken: "xoxb-1", Transport: "https"}, "want socket or http"},
		{"secret", Options{BotToken: "xoxb-1", Transport: TransportHTTP}, "SLACK_SIGNING_SECRET"},
		{"managers", Options{BotToken: "xoxb-1", Managers: []string{"@ann"}}, "\"@ann\": want admins"},
		{"address", Options{BotToken: "xoxb-1", APIURL: "slack.com/api"}, "want http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("err = %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestPostJoinsPublicChannels(t *testing.T) {
	p, s := open(t)
	if _, err := post(t, p, "slack:"+slacktest.Open, testKey, storyCard()); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Messages(slacktest.Open)); n != 1 || s.Calls("conversations.join") != 1 {
		t.Errorf("%d messages after %d joins", n, s.Calls("conversations.join"))
	}
}

func TestPostSaysWhoMustInvite(t *testing.T) {
	p, s := open(t)
	s.RemoveScope("channels:join")
	e := wantOutcome(t, second(post(t, p, "slack:"+slacktest.Open, testKey, storyCard())), bot.Suspended)
	if !strings.Contains(e.Reason, "invite") {
		t.Errorf("reason %q", e.Reason)
	}
	wantOutcome(t, second(post(t, p, "slack:"+slacktest.Foreign, testKey, storyCard())), bot.Suspended)
	wantOutcome(t, second(post(t, p, "slack:"+slacktest.Archived, testKey, storyCard())), bot.Suspended)
	wantOutcome(t, second(post(t, p, "slack:#general", testKey, storyCard())), bot.Suspended)
	wantOutcome(t, second(post(t, p, "slack:C0NOWHERE", testKey, storyCard())), bot.Suspended)
}

func second[T any](_ T, err error) error { return err }

func TestPostLeavesOutAPictureThatSlackCannotFetch(t *testing.T) {
	p, s := open(t)
	c := storyCard()
	c.Image = "https://pictures.invalid/a.png"
	id, err := post(t, p, newsChannel, testKey, c)
	if err != nil {
		t.Fatal(err)
	}
	if ms := s.Messages(slacktest.Channel); len(ms) != 1 || ms[0].TS != string(id) {
		t.Errorf("%d messages", len(ms))
	}
	if err := p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: c}, id); err != nil {
		t.Error(err)
	}
}

// TestPostAsTextWhatSlackCallsMalformed: a story is worth more than its form.
func TestPostAsTextWhatSlackCallsMalformed(t *testing.T) {
	for _, code := range []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			p, s := open(t)
			s.RefuseBlocks(code)
			begun := time.Now()
			c := storyCard()
			c.Title = "<!channel> Chips & dies"
			id, err := post(t, p, newsChannel, testKey, c)
			if err != nil {
				t.Fatal(err)
			}
			ms := s.Messages(slacktest.Channel)
			if len(ms) != 1 || len(ms[0].Blocks) != 0 || !strings.Contains(ms[0].Text, "&lt;!channel&gt; Chips &amp; dies") || !strings.Contains(ms[0].Text, "\n<https://lab.example/r2") {
				t.Errorf("posted %+v", ms)
			}
			if got, ok, err := p.Find(t.Context(), bot.Post{Key: testKey, Channel: newsChannel}, begun); !ok || got != id || err != nil {
				t.Errorf("Find = %q, %v, %v", got, ok, err)
			}
			c.Title = "Chips are gone"
			if err := p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: c}, id); err != nil {
				t.Error(err)
			}
			if m := s.Messages(slacktest.Channel)[0]; !strings.Contains(m.Text, "Chips are gone") {
				t.Errorf("after the edit: %+v", m)
			}
		})
	}
}

func TestAnswerToADeletedMessageStandsByItself(t *testing.T) {
	p, s := open(t)
	begun := time.Now()
	first, err := post(t, p, newsChannel, testKey, storyCard())
	if err != nil {
		t.Fatal(err)
	}
	answer := bot.Post{Key: "follow", Channel: newsChannel, Card: storyCard(), Thread: first}
	s.Delete(slacktest.Channel, string(first))
	id, err := p.Post(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok, err := p.Find(t.Context(), answer, begun); err != nil || !ok || got != id {
		t.Errorf("Find = %q, %v, %v; want %q", got, ok, err, id)
	}
}

// TestFindLooksIntoThreads: history does not show the answers to a message.
func TestFindLooksIntoThreads(t *testing.T) {
	p, _ := open(t)
	begun := time.Now()
	first, err := post(t, p, newsChannel, testKey, storyCard())
	if err != nil {
		t.Fatal(err)
	}
	answer := bot.Post{Key: "follow", Channel: newsChannel, Card: storyCard(), Thread: first}
	id, err := p.Post(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok, err := p.Find(t.Context(), answer, begun); err != nil || !ok || got != id {
		t.Errorf("Find = %q, %v, %v; want %q", got, ok, err, id)
	}
}

func TestFindTurnsPages(t *testing.T) {
	p, s := open(t)
	s.PageMax(2)
	begun := time.Now()
	var first bot.MessageID
	for i, channel := range []string{"a", "b", "c", "d", "e"} {
		p.client.pace = testPace() // the burst that the fake allows
		id, err := post(t, p, newsChannel, channel, storyCard())
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = id
		}
	}
	id, ok, err := p.Find(t.Context(), bot.Post{Key: "a", Channel: newsChannel}, begun)
	if err != nil || !ok || id != first || s.Calls("conversations.history") != 3 {
		t.Errorf("Find = %q, %v, %v after %d pages", id, ok, err, s.Calls("conversations.history"))
	}
	if _, ok, err := p.Find(t.Context(), bot.Post{Key: "a", Channel: newsChannel}, time.Now().Add(time.Minute)); ok || err != nil {
		t.Errorf("a message from before was found: %v, %v", ok, err)
	}
}

// TestFindByEitherMark: Slack may keep one of them from the bot.
func TestFindByEitherMark(t *testing.T) {
	byBlock := Render(storyCard(), testKey)
	byBlock.Metadata = nil
	byMetadata := Render(storyCard(), testKey)
	byMetadata.Blocks = byMetadata.Blocks[1:]
	for name, m := range map[string]Message{"block id": byBlock, "metadata": byMetadata} {
		t.Run(name, func(t *testing.T) {
			p, s := open(t)
			if _, _, err := p.client.api.PostMessageContext(t.Context(), slacktest.Channel, m.options()...); err != nil {
				t.Fatal(err)
			}
			id, ok, err := p.Find(t.Context(), bot.Post{Key: testKey, Channel: newsChannel}, time.Now().Add(-time.Minute))
			if !ok || err != nil || string(id) != s.Messages(slacktest.Channel)[0].TS {
				t.Errorf("Find = %q, %v, %v", id, ok, err)
			}
		})
	}
}

// TestFindTrustsOwnMessagesAlone: everybody can read the key and write it.
func TestFindTrustsOwnMessagesAlone(t *testing.T) {
	p, s := open(t)
	forged := s.Say(slacktest.Channel, "U0FORGER001", slacktest.Message{
		Text: "x", Metadata: &slacktest.Metadata{EventType: eventType, EventPayload: map[string]any{payloadKey: testKey}},
	})
	if id, ok, err := p.Find(t.Context(), bot.Post{Key: testKey, Channel: newsChannel}, time.Now().Add(-time.Minute)); ok || err != nil {
		t.Errorf("Find = %q, %v, %v", id, ok, err)
	}
	wantOutcome(t, p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: storyCard()}, bot.MessageID(forged.TS)), bot.Rejected)
}

func TestFindIsBlind(t *testing.T) {
	for name, knob := range map[string]func(*slacktest.Server){
		"scope":    func(s *slacktest.Server) { s.RemoveScope("channels:history") },
		"kicked":   func(s *slacktest.Server) { s.Kick(slacktest.Channel) },
		"replaced": func(s *slacktest.Server) { s.RemoveScope("channels:history", "groups:history") },
	} {
		t.Run(name, func(t *testing.T) {
			p, s := open(t)
			knob(s)
			if _, _, err := p.Find(t.Context(), bot.Post{Key: testKey, Channel: newsChannel}, time.Now()); !errors.Is(err, bot.ErrBlind) {
				t.Errorf("err = %v, want ErrBlind", err)
			}
		})
	}
	p, s := open(t)
	s.Revoke(slacktest.BotToken)
	_, _, err := p.Find(t.Context(), bot.Post{Key: testKey, Channel: newsChannel}, time.Now())
	if errors.Is(err, bot.ErrBlind) {
		t.Errorf("a dead token is no blindness: %v", err)
	}
	wantOutcome(t, err, bot.Halted)
}

func TestThrottledMethodIsLeftAlone(t *testing.T) {
	p, s := open(t)
	s.Throttle(1, 3*time.Second)
	wantOutcome(t, second(post(t, p, newsChannel, testKey, storyCard())), bot.Throttled)
	e := wantOutcome(t, second(post(t, p, "slack:"+slacktest.Private, testKey, storyCard())), bot.Throttled)
	if n := s.Calls("chat.postMessage"); n != 1 {
		t.Errorf("%d requests during the pause of the method", n)
	}
	if e.RetryAfter <= 2*time.Second || e.RetryAfter > 3*time.Second {
		t.Errorf("RetryAfter = %s", e.RetryAfter)
	}
	if _, _, err := p.Find(t.Context(), bot.Post{Key: testKey, Channel: newsChannel}, time.Now()); err != nil {
		t.Errorf("another method was paused too: %v", err)
	}
}

func TestServerErrorsLeaveDoubt(t *testing.T) {
	p, s := open(t)
	for _, knob := range []func(){
		func() { s.Fail(1, 500) }, func() { s.Fail(1, 502) }, func() { s.Fail(1, 503) },
		func() { s.Refuse("", "internal_error") }, func() { s.Refuse("", "fatal_error") },
	} {
		p.client.pace = testPace()
		knob()
		id, err := post(t, p, newsChannel, testKey, storyCard())
		if _, definite := asSendError(err); err == nil || definite {
			t.Errorf("Post = %q, %v, want doubt", id, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	p, s := open(t)
	s.Close()
	e := wantOutcome(t, second(post(t, p, newsChannel, testKey, storyCard())), bot.Throttled)
	if e.RetryAfter == 0 {
		t.Error("no wait")
	}
}

func TestNotSlack(t *testing.T) {
	p, s := open(t)
	s.Fail(1, 404)
	e := wantOutcome(t, second(post(t, p, newsChannel, testKey, storyCard())), bot.Halted)
	if !strings.Contains(e.Reason, "api_url") {
		t.Errorf("reason %q", e.Reason)
	}
}

func TestEditOfADeletedMessage(t *testing.T) {
	p, s := open(t)
	id, err := post(t, p, newsChannel, testKey, storyCard())
	if err != nil {
		t.Fatal(err)
	}
	s.Delete(slacktest.Channel, string(id))
	wantOutcome(t, p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: storyCard()}, id), bot.Rejected)
	wantOutcome(t, p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: storyCard()}, "nonsense"), bot.Rejected)
}

func TestEditHasANewBlockID(t *testing.T) {
	p, s := open(t)
	id, err := post(t, p, newsChannel, testKey, storyCard())
	if err != nil {
		t.Fatal(err)
	}
	blockID := func() string {
		b, _ := s.Messages(slacktest.Channel)[0].Blocks[0].(map[string]any)
		v, _ := b["block_id"].(string)
		return v
	}
	before := blockID()
	c := storyCard()
	c.Text = "Something else."
	if err := p.Edit(t.Context(), bot.Post{Key: testKey, Channel: newsChannel, Card: c}, id); err != nil {
		t.Fatal(err)
	}
	key, ok := keyOf(blockID())
	if blockID() == before || !ok || key != testKey {
		t.Errorf("block id %q, before %q", blockID(), before)
	}
}
