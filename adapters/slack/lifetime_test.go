package slack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

// of reads an installation.
func (h *hall) of(t *testing.T, team string) bot.Installation {
	t.Helper()
	i, err := h.store.Installation(t.Context(), "slack:"+team)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// ended reports whether the installation in a team has ended for a reason, and
// nothing is left of its token.
func (h *hall) ended(t *testing.T, team, why string) {
	t.Helper()
	if i := h.of(t, team); i.Ended.IsZero() || i.Why != why || i.Token != nil || i.Refresh != nil {
		t.Errorf("the installation in %s is %+v, want it ended: %s", team, i, why)
	}
}

func (h *hall) lasts(t *testing.T, team string) {
	t.Helper()
	if i := h.of(t, team); !i.Ended.IsZero() || i.Token == nil {
		t.Errorf("the installation in %s has ended: %+v", team, i)
	}
}

// goneFromOne checks that the workspace One is suspended in words, that Two and
// the configured one go on, and that installing it again heals it.
func goneFromOne(t *testing.T, h *hall) {
	t.Helper()
	for range 2 {
		e := wantOutcome(t, h.posts(t, h.Platform, channelOne, "x"), bot.Suspended)
		if e.Reason != uninstalled {
			t.Errorf("reason %q", e.Reason)
		}
	}
	h.ended(t, teamOne, uninstalled)
	if missing := h.Check(t.Context(), channelOne); len(missing) != 1 || !strings.Contains(missing[0], "/slack/install") {
		t.Errorf("check says %q", missing)
	}
	other := h.replica(t, nil) // a restart, or another process
	wantOutcome(t, h.posts(t, other, channelOne, "y"), bot.Suspended)
	h.lasts(t, teamTwo)
	for _, c := range []bot.Channel{channelTwo, newsChannel} {
		if err := errors.Join(h.posts(t, h.Platform, c, "b"), h.posts(t, other, c, "c")); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
	before := len(h.slack.Messages(localID(channelOne)))
	h.install(t, teamOne)
	if err := errors.Join(h.posts(t, h.Platform, channelOne, "d"), h.posts(t, other, channelOne, "e")); err != nil {
		t.Errorf("after it was installed again: %v", err)
	}
	if n := len(h.slack.Messages(localID(channelOne))); n != before+2 {
		t.Errorf("%d messages, want %d", n, before+2)
	}
}

func openBoth(t *testing.T) *hall {
	t.Helper()
	h := openHall(t, true)
	h.install(t, teamOne)
	h.install(t, teamTwo)
	return h
}

func TestRevokedToken(t *testing.T) {
	h := openBoth(t)
	h.slack.Revoke(h.slack.Token(teamOne))
	goneFromOne(t, h)
}

func TestUninstalledWhileAPostIsOnItsWay(t *testing.T) {
	h := openBoth(t)
	if err := h.posts(t, h.Platform, channelOne, "a"); err != nil {
		t.Fatal(err)
	}
	h.slack.UninstallDuringPost(teamOne)
	wantOutcome(t, h.posts(t, h.Platform, channelOne, "b"), bot.Suspended)
	if n := len(h.slack.Messages(localID(channelOne))); n != 1 {
		t.Errorf("%d messages, want the one from before", n)
	}
	goneFromOne(t, h)
}

// TestOneRefusalIsNotBelieved: what it would cost is the token.
func TestOneRefusalIsNotBelieved(t *testing.T) {
	h := openBoth(t)
	for _, code := range []string{"invalid_auth", "account_inactive", "token_revoked"} {
		h.slack.Refuse(localID(channelOne), code)
		wantOutcome(t, h.posts(t, h.Platform, channelOne, "a"), bot.Halted)
	}
	h.lasts(t, teamOne)
	h.slack.Refuse(localID(channelOne), "")
	if err := h.posts(t, h.Platform, channelOne, "a"); err != nil {
		t.Error(err)
	}
}

func TestLostKey(t *testing.T) {
	h := openBoth(t)
	sealed := h.of(t, teamOne)
	lost := h.replica(t, func(o *OAuth) { o.Keys = [][]byte{key(2)} })
	for _, c := range []bot.Channel{channelOne, channelTwo} {
		e := wantOutcome(t, h.posts(t, lost, c, "a"), bot.Halted)
		if e.Reason != keyLost || !strings.Contains(e.Err.Error(), "the key of id") {
			t.Errorf("%v", e)
		}
	}
	if err := h.posts(t, lost, newsChannel, "a"); err != nil {
		t.Errorf("the configured workspace: %v", err)
	}
	missing := strings.Join(lost.Check(t.Context(), "slack:"), "\n")
	for _, team := range []string{teamOne, teamTwo} {
		if !strings.Contains(missing, "slack:"+team+": "+keyLost) {
			t.Errorf("check says %q", missing)
		}
	}
	if !strings.Contains(h.log.String(), "cannot be opened") {
		t.Error("the log says nothing")
	}
	// People are answered all the same: that needs no token.
	run(t, lost, h.slack, 1, echo)
	if m, err := h.slack.SlashIn(within(t), localID(channelOne), "deepseek"); err != nil || !strings.Contains(m.Shown(), "to deepseek") {
		t.Errorf("%q, %v", m.Shown(), err)
	}
	if got := h.of(t, teamOne); got.Version != sealed.Version || string(got.Token) != string(sealed.Token) {
		t.Errorf("the sealed token was touched: %+v", got)
	}
	if err := h.posts(t, h.Platform, channelOne, "b"); err != nil {
		t.Errorf("with the right key again: %v", err)
	}
}

// TestChangedKey: what an old key opens is sealed with the new one when it is
// next used, and the old one can go.
func TestChangedKey(t *testing.T) {
	h := openHall(t, false)
	h.slack.Rotate(12 * time.Hour)
	h.install(t, teamOne)
	both := h.replica(t, func(o *OAuth) { o.Keys = [][]byte{key(2), key(1)} })
	if err := h.posts(t, both, channelOne, "a"); err != nil {
		t.Fatal(err)
	}
	fresh := h.replica(t, func(o *OAuth) { o.Keys = [][]byte{key(2)} })
	if err := h.posts(t, fresh, channelOne, "b"); err != nil {
		t.Errorf("with the new key alone: %v", err)
	}
	h.slack.Expire(teamOne)
	if err := h.posts(t, fresh, channelOne, "c"); err != nil {
		t.Errorf("the refresh token with the new key alone: %v", err)
	}
}

func openRotating(t *testing.T) *hall {
	t.Helper()
	h := openHall(t, true)
	h.slack.Rotate(12 * time.Hour)
	h.install(t, teamOne)
	return h
}

func (h *hall) renewals() int { return h.slack.Calls("oauth.v2.access") - 1 }

func TestExpiredTokenIsRenewedAndThePostGoesOn(t *testing.T) {
	h := openRotating(t)
	if err := h.posts(t, h.Platform, channelOne, "a"); err != nil {
		t.Fatal(err)
	}
	h.slack.Expire(teamOne) // sooner than was said
	if err := h.posts(t, h.Platform, channelOne, "b"); err != nil {
		t.Fatal(err)
	}
	other := h.replica(t, nil)
	if err := h.posts(t, other, channelOne, "c"); err != nil {
		t.Fatal(err)
	}
	if n := len(h.slack.Messages(localID(channelOne))); n != 3 || h.renewals() != 1 {
		t.Errorf("%d messages after %d renewals", n, h.renewals())
	}
}

func TestTokenIsRenewedAhead(t *testing.T) {
	h := openRotating(t)
	h.forward(12*time.Hour - rotateAhead - time.Minute)
	if err := h.posts(t, h.Platform, channelOne, "a"); err != nil || h.renewals() != 0 {
		t.Fatalf("%v, %d renewals too early", err, h.renewals())
	}
	h.forward(2 * time.Minute)
	h.slack.RefuseAccess("internal_error")
	if err := h.posts(t, h.Platform, channelOne, "b"); err != nil || h.renewals() != 1 {
		t.Fatalf("the old token lasts: %v after %d renewals", err, h.renewals())
	}
	if err := h.posts(t, h.Platform, channelOne, "c"); err != nil || h.renewals() != 1 {
		t.Errorf("%v, tried %d times within a minute", err, h.renewals())
	}
	h.slack.RefuseAccess("")
	h.forward(rotateRest)
	if err := h.posts(t, h.Platform, channelOne, "d"); err != nil || h.renewals() != 2 {
		t.Errorf("%v after %d renewals", err, h.renewals())
	}
	if i := h.of(t, teamOne); i.Expires.Before(h.now().Add(11 * time.Hour)) {
		t.Errorf("it lasts until %v", i.Expires)
	}
}

// TestReplicasRenewOnce: the refresh token is good for one use, and the one that
// loses the race must go on with what the other got.
func TestReplicasRenewOnce(t *testing.T) {
	h := openRotating(t)
	h.forward(11 * time.Hour)
	replicas := []*Platform{h.Platform, h.replica(t, nil), h.replica(t, nil)}
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for n := range errs {
		wg.Go(func() { _, errs[n] = replicas[n%3].at(t.Context(), "slack:"+teamOne) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err) // the old token lasts for another hour
	}
	if h.renewals() != 1 {
		t.Errorf("%d renewals", h.renewals())
	}
	h.slack.Expire(teamOne)
	for n := range errs {
		wg.Go(func() {
			_, errs[n] = replicas[n%3].Check(t.Context(), channelOne), error(nil)
		})
	}
	wg.Wait()
	if h.renewals() != 2 {
		t.Errorf("%d renewals in all, want another one", h.renewals())
	}
	h.lasts(t, teamOne)
}

// TestCrashWhileATokenIsRenewed: Slack gave a pair that nobody has. The old
// token serves to its end; then people are told what to do.
func TestCrashWhileATokenIsRenewed(t *testing.T) {
	h := openRotating(t)
	h.forward(11 * time.Hour)
	h.slack.LoseAccess(1)
	if err := h.posts(t, h.Platform, channelOne, "a"); err != nil {
		t.Fatalf("the old token lasts: %v", err)
	}
	after := h.replica(t, nil)
	if err := h.posts(t, after, channelOne, "b"); err != nil {
		t.Fatalf("the old token lasts: %v", err)
	}
	h.lasts(t, teamOne)
	h.forward(2 * time.Hour)
	if e := wantOutcome(t, h.posts(t, after, channelOne, "c"), bot.Suspended); e.Reason != rotatedAway {
		t.Errorf("reason %q", e.Reason)
	}
	h.ended(t, teamOne, rotatedAway)
	if err := h.posts(t, after, newsChannel, "c"); err != nil {
		t.Errorf("the configured workspace: %v", err)
	}
	h.install(t, teamOne)
	if err := h.posts(t, after, channelOne, "c"); err != nil {
		t.Errorf("after it was installed again: %v", err)
	}
}

// TestStoreThatDoesNotTakeThePair: it is used no sooner than it is stored, and
// no second one is asked for.
func TestStoreThatDoesNotTakeThePair(t *testing.T) {
	defer func(was []time.Duration) { saveWaits = was }(saveWaits)
	saveWaits = []time.Duration{time.Millisecond}
	h := openRotating(t)
	full := true
	p := h.replica(t, func(o *OAuth) { o.Store = &deaf{h.store, func() bool { return full }} })
	h.slack.Expire(teamOne)
	for range 2 {
		wantOutcome(t, h.posts(t, p, channelOne, "a"), bot.Throttled)
	}
	full = false
	if err := h.posts(t, p, channelOne, "a"); err != nil {
		t.Error(err)
	}
	if n := len(h.slack.Messages(localID(channelOne))); n != 1 || h.renewals() != 1 {
		t.Errorf("%d messages after %d renewals", n, h.renewals())
	}
	if err := h.posts(t, h.replica(t, nil), channelOne, "b"); err != nil {
		t.Errorf("another replica: %v", err)
	}
}

// TestStoreAway: nothing is posted, and nothing is taken for an end.
func TestStoreAway(t *testing.T) {
	h := openBoth(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Post(ctx, bot.Post{Key: testKey, Channel: channelOne, Card: storyCard()})
	wantOutcome(t, err, bot.Throttled)
	if n := len(h.slack.Messages(localID(channelOne))); n != 0 {
		t.Errorf("%d messages", n)
	}
}

// TestForeignIDs: a channel is reached by the token of the workspace that it is
// named after, or not at all.
func TestForeignIDs(t *testing.T) {
	h := openBoth(t)
	for _, c := range []bot.Channel{
		"slack:" + teamOne + "/" + bot.Channel(localID(channelTwo)),
		"slack:" + teamTwo + "/" + slacktest.Channel,
		"slack:" + bot.Channel(localID(channelOne)),
		bot.Person("slack:"+teamOne, h.slack.PersonIn(teamTwo)),
		bot.Person("slack:"+teamTwo, slacktest.Person),
		"slack:T0TEST00001/" + slacktest.Channel, // that of the configured token has another name
		"slack:T0NOBODY001/C0ONE000001",
		"slack:" + teamOne + "/" + teamOne + "/C0ONE000001",
		"slack:/C0ONE000001",
		"slack:../C0ONE000001",
		"slack:" + teamOne + "/",
	} {
		wantOutcome(t, h.posts(t, h.Platform, c, "a"), bot.Suspended)
		if missing := h.Check(t.Context(), c); len(missing) == 0 && !strings.HasSuffix(string(c), "/") {
			t.Errorf("%s lacks nothing", c)
		}
	}
	for _, id := range []string{localID(channelOne), localID(channelTwo), slacktest.Channel} {
		if n := len(h.slack.Messages(id)); n != 0 {
			t.Errorf("%d messages in %s", n, id)
		}
	}
}

// TestPaceOfWorkspaces: Slack counts each workspace by itself.
func TestPaceOfWorkspaces(t *testing.T) {
	h := openBoth(t)
	h.slack.Throttle(1, time.Minute)
	wantOutcome(t, h.posts(t, h.Platform, channelOne, "a"), bot.Throttled)
	if err := h.posts(t, h.Platform, channelTwo, "a"); err != nil {
		t.Errorf("another workspace waits too: %v", err)
	}
	wantOutcome(t, h.posts(t, h.replica(t, nil), channelOne, "a"), bot.Throttled)
	if n := h.slack.Calls("chat.postMessage"); n != 2 {
		t.Errorf("%d posts were tried, want none of the replica", n)
	}
}
