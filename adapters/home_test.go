package adapters_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// A housed is the bot on a fake Slack, with people who look at their Homes.
type housed struct {
	t   *testing.T
	w   *conversed
	s   *slacktest.Server
	ctx context.Context
}

func newHoused(t *testing.T, transport string, configured ...bot.Subscription) *housed {
	w := newConversed(t)
	w.subs = configured
	on, s := slackStage(t, w, transport)
	w.start(on.platform)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- on.platform.Run(ctx, w.answers) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	asking, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	if err := s.Connected(asking, 1); err != nil {
		t.Fatal(err)
	}
	return &housed{t, w, s, asking}
}

// open opens the Home of somebody, which shows what has and nothing of not.
func (h *housed) open(user, has, not string) slacktest.View {
	h.t.Helper()
	h.s.Be(user)
	v, err := h.s.OpenHome(h.ctx)
	if err != nil || !strings.Contains(v.Shown(), has) || not != "" && strings.Contains(v.Shown(), not) {
		h.t.Fatalf("the Home of %s shows, %v, want %q and not %q:\n%s", user, err, has, not, v.Shown())
	}
	return v
}

// press presses a button of a Home, which shows then what has.
func (h *housed) press(v slacktest.View, button, has string) slacktest.View {
	h.t.Helper()
	m, err := h.s.PressHome(h.ctx, v, button)
	if err != nil || m.View == nil || !strings.Contains(m.View.Title+m.View.Shown(), has) {
		shown := m.Shown()
		if m.View != nil {
			shown = m.View.Title + m.View.Shown()
		}
		h.t.Fatalf("%q shows, %v, want %q:\n%s", button, err, has, shown)
	}
	return *m.View
}

// TestHome has a manager do everything on the Home, on both transports.
func TestHome(t *testing.T) {
	for _, transport := range []string{slack.TransportSocket, slack.TransportHTTP} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			h := newHoused(t, transport, bot.Subscription{ID: "config", Channel: "slack:C0DIGEST001", Mode: bot.Digest, DigestAt: "14:30"})
			if _, err := h.s.Slash(h.ctx, "subscribe deepseek min:70 save:yes"); err != nil {
				t.Fatal(err)
			}
			if _, err := h.s.Slash(h.ctx, "follow openai"); err != nil {
				t.Fatal(err)
			}
			v := h.open(slacktest.Person, "DeepSeek · impact 70 and more · each story at once", "")
			for _, want := range []string{"#news", "#c0digest001", "It stands in the bot's configuration", "/invite", "You follow 1 topic", "OpenAI"} {
				if !strings.Contains(v.Shown(), want) {
					t.Errorf("the Home has nothing of %q:\n%s", want, v.Shown())
				}
			}

			v = h.press(v, "Pause for a day", "Paused until") // the first that has it is of the digest's channel
			v = h.press(v, "Close", "paused until")
			if strings.Contains(v.Shown(), "Nothing new is posted here until then") {
				t.Error("an answer that was closed stands there")
			}
			modal := h.press(v, "Change: News at once", "What")
			m, err := h.s.Submit(h.ctx, modal, map[string]string{"min": "80"})
			if err != nil || m.View == nil || !strings.Contains(m.View.Shown(), "Not changed yet") {
				t.Fatalf("what was filled in: %+v, %v", m, err)
			}
			v = h.press(*m.View, "Save", "Saved")
			if v = h.press(v, "Close", "impact 80 and more"); strings.Contains(v.Shown(), "impact 70") {
				t.Errorf("the Home shows the order as it was:\n%s", v.Shown())
			}
			v = h.press(v, "Settings", "What this channel gets")
			v = h.press(v, "Stop: OpenAI", "You follow nothing yet")
			v = h.press(v, "Help", "What you can ask")
			v = h.press(v, "End: News at once", "Ended")
			v = h.press(v, "Undo: news at once", "Saved")
			h.press(v, "Close", "impact 80 and more")
			for _, c := range []string{slacktest.Channel, slacktest.Direct(slacktest.Person)} {
				if ms := h.s.Messages(c); len(ms) > 0 {
					t.Errorf("%s was sent %q", c, ms[0].Text)
				}
			}
		})
	}
}

// TestHomeHidesChannels: nobody is shown a channel that they are not in, nor
// buttons that they may not press, and an old page does nothing for them.
func TestHomeHidesChannels(t *testing.T) {
	const guest, admin = "U0GUEST0001", "U0ADMIN0001"
	h := newHoused(t, slack.TransportSocket,
		bot.Subscription{ID: "config", Channel: "slack:" + slacktest.Private, Mode: bot.Instant, MinImpact: 61},
		bot.Subscription{ID: "config", Channel: "slack:" + slacktest.Channel, Mode: bot.Instant, MinImpact: 62},
		bot.Subscription{ID: "config", Channel: "slack:T0OTHER0001/C0OTHER0001", Mode: bot.Instant, MinImpact: 63},
		bot.Subscription{ID: "instant", Channel: "slack:@U0ELSE00001", Mode: bot.Instant, MinImpact: 64},
	)
	h.s.AddMember(guest, slacktest.Member{Guest: true})
	h.s.AddMember(admin, slacktest.Member{Admin: true, Locale: "de-DE"})
	h.open(guest, "None of the channels that you are in gets news yet", "impact")
	calls := h.s.Calls("users.conversations")
	h.open(guest, "None of the channels", "impact")
	if n := h.s.Calls("users.conversations"); n != calls {
		t.Errorf("a page that is opened twice asks %d times which channels somebody is in", n-calls+1)
	}

	h.s.Join(slacktest.Channel, admin)
	v := h.open(admin, "Relevanz ab 62", "61")
	for _, hidden := range []string{"63", "64", "private"} {
		if strings.Contains(v.Shown(), hidden) {
			t.Errorf("the Home shows %q:\n%s", hidden, v.Shown())
		}
	}
	v = h.press(v, "Einen Tag Pause", "Pause bis")

	// Who manages nothing there is shown no buttons, and those of another page are
	// refused as words are.
	const reader = "U0READER001"
	h.s.AddMember(reader, slacktest.Member{})
	h.s.Join(slacktest.Channel, reader)
	own := h.open(reader, "impact 62", "61")
	if _, err := h.s.PressHome(h.ctx, own, "Settings"); err == nil {
		t.Error("who manages nothing has a button for the settings")
	}
	h.s.Be(admin)
	v = h.press(v, "Jetzt weiter", "Die Pause ist zu Ende")
	forged := v
	h.s.Be(reader)
	forged.Hash = own.Hash
	h.press(forged, "Einen Tag Pause", "Pause is for people who manage this channel")
	h.s.Be(guest)
	h.press(forged, "Einen Tag Pause", "You are not in this channel any more")
}

// TestHomeInTrouble: a store or a Slack that fails leaves a sentence.
func TestHomeInTrouble(t *testing.T) {
	h := newHoused(t, slack.TransportSocket)
	if _, err := h.s.Slash(h.ctx, "subscribe min:70 save:yes mode:instant"); err != nil {
		t.Fatal(err)
	}
	v := h.open(slacktest.Person, "impact 70", "")
	h.s.ExpireTriggers(true)
	v = h.press(v, "Change: News at once", "The form could not be opened")
	h.s.ExpireTriggers(false)

	// Another page was drawn meanwhile.
	newer := h.press(v, "Help", "What you can ask")
	v = h.press(v, "Pause for a day", "Paused until")
	v = h.press(v, "Close", "paused until")
	if newer.Hash == v.Hash {
		t.Fatal("the page was not drawn anew")
	}

	h.s.RefuseHome(3, "internal_error")
	m, err := h.s.PressHome(h.ctx, v, "Go on now")
	if err != nil || m.Channel != slacktest.Direct(slacktest.Person) || !strings.Contains(m.Shown(), "The pause has ended") || strings.Contains(m.Shown(), "Settings") {
		t.Errorf("what could not be drawn is told so: %+v, %v", m, err)
	}

	h.s.RemoveScope("groups:read")
	h.s.AddMember("U0SECOND001", slacktest.Member{})
	h.open("U0SECOND001", "Which channels you are in cannot be found out: the app lacks the scope groups:read", "impact")
	h.w.store.Close()
	v = h.open(slacktest.Person, "The database of this bot does not answer", "impact")
	h.press(v, "Try again", "The database of this bot does not answer")
}

// TestHomeOfManyChannels stays within Slack's limits, and turns its pages.
func TestHomeOfManyChannels(t *testing.T) {
	var subs []bot.Subscription
	for i := range 40 {
		id := "C0MANY" + string(rune('A'+i/10)) + string(rune('0'+i%10))
		for _, mode := range []bot.Mode{bot.Instant, bot.Digest} {
			subs = append(subs, bot.Subscription{
				ID: string(mode), Channel: bot.Channel("slack:" + id), Mode: mode, DigestAt: "09:00", Zone: "America/Argentina/Buenos_Aires", Quiet: "22:00-07:00", DailyCap: 5,
				Topics: []string{"deepseek", "openai", "anthropic", "mistral", "nvidia"}, Statuses: []string{"confirmed", "denied"}, Languages: []string{"en", "de", "zh"},
				Compact: true, NoImage: true, NoEdits: true, Apart: true, OnDoubt: bot.Repost, Locale: "de",
			})
		}
	}
	h := newHoused(t, slack.TransportSocket)
	for _, s := range subs {
		h.s.AddChannel(s.Channel.ID())
		if err := h.w.store.SaveSubscription(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	v := h.open(slacktest.Person, "Page 1 of 3 · 40 channels", "")
	v = h.press(v, "Help", "What you can ask")
	for _, want := range []string{"Page 1 of 3", "#c0manya0", "#c0manyb4", "You follow nothing yet"} {
		if !strings.Contains(v.Shown(), want) {
			t.Errorf("beside an answer the Home shows nothing of %q", want)
		}
	}
	v = h.press(v, "More channels ▶", "Page 2 of 3")
	v = h.press(v, "Pause for a day", "Paused until")
	v = h.press(v, "Close", "Page 2 of 3") // where it was
	h.press(v, "More channels ▶", "Page 3 of 3")
	if n := h.s.Calls("users.conversations"); n != 1 {
		t.Errorf("%d questions about the channels of one person", n)
	}
	if n := h.s.Calls("conversations.info"); n > 0 {
		t.Errorf("%d questions about single channels", n)
	}
}

// TestHomeOfDirectMessages: what somebody ordered for their own direct messages is
// changed on the Home, too.
func TestHomeOfDirectMessages(t *testing.T) {
	h := newHoused(t, slack.TransportSocket)
	if m, err := h.s.SlashIn(h.ctx, slacktest.Direct(slacktest.Person), "subscribe min:75 save:yes"); err != nil || !strings.Contains(m.Shown(), "Saved") {
		t.Fatalf("%q, %v", m.Shown(), err)
	}
	v := h.open(slacktest.Person, "Direct messages", "None of the channels")
	modal := h.press(v, "Change: News at once", "What")
	m, err := h.s.Submit(h.ctx, modal, map[string]string{"min": "85"})
	if err != nil || m.View == nil {
		t.Fatalf("%+v, %v", m, err)
	}
	v = h.press(*m.View, "Save", "Saved")
	v = h.press(v, "End: News at once", "Ended")
	h.press(v, "Close", "None of the channels that you are in gets news yet")
	if n := h.s.Calls("users.conversations"); n > 0 {
		t.Errorf("%d questions about channels, of which none has orders", n)
	}
}
