package slack

import (
	"testing"
	"time"

	"github.com/slack-go/slack/slackevents"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

func TestUninstalledAsSlackTells(t *testing.T) {
	t.Run("sockets", func(t *testing.T) {
		h := openBoth(t)
		run(t, h.Platform, h.slack, 2, echo)
		uninstalledAsSlackTells(t, h)
	})
	t.Run("http", func(t *testing.T) {
		h := openBoth(t)
		h.overHTTP(t)
		run(t, h.Platform, h.slack, 1, echo)
		uninstalledAsSlackTells(t, h)
	})
}

// overHTTP makes Slack post to the platform's endpoints.
func (h *hall) overHTTP(t *testing.T) {
	t.Helper()
	h.o.Transport, h.o.SigningSecret, h.o.AppToken = TransportHTTP, slacktest.SigningSecret, ""
	h.Platform = h.replica(t, nil)
	h.slack.DeliverTo(serve(t, h.Platform))
}

func uninstalledAsSlackTells(t *testing.T, h *hall) {
	t.Helper()
	h.slack.Uninstall(teamOne)
	if err := h.slack.TellUninstalled(within(t), teamOne); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); h.of(t, teamOne).Ended.IsZero() && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	h.ended(t, teamOne, uninstalled) // before anything was posted
	posts := h.slack.Calls("chat.postMessage")
	wantOutcome(t, h.posts(t, h.Platform, channelOne, "a"), bot.Suspended)
	if h.slack.Calls("chat.postMessage") != posts {
		t.Error("something was posted with no token")
	}
	goneFromOne(t, h)
	// Events come late, and of workspaces that the bot never was in.
	for _, team := range []string{teamOne, "T0NOBODY001"} {
		if err := h.slack.EventIn(within(t), team, map[string]any{"type": "app_uninstalled"}); err != nil {
			t.Fatal(err)
		}
	}
	asked := h.slack.Calls("auth.test")
	for deadline := time.Now().Add(time.Second); h.slack.Calls("auth.test") == asked && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	h.lasts(t, teamOne)
}

// TestAnEventActsOnce: Slack repeats one that it takes for lost.
func TestAnEventActsOnce(t *testing.T) {
	h := openBoth(t)
	e := slackevents.EventsAPIEvent{TeamID: teamOne, Data: &slackevents.EventsAPICallbackEvent{EventID: "Ev1"}}
	before := h.slack.Calls("auth.test")
	for range 3 {
		h.left(t.Context(), e)
	}
	h.replica(t, nil).left(t.Context(), e)
	if n := h.slack.Calls("auth.test") - before; n != 1 {
		t.Errorf("slack was asked %d times for one event", n)
	}
	h.lasts(t, teamOne)
}
