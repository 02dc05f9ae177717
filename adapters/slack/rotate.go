package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

// Rotation: docs.slack.dev/authentication/using-token-rotation. A refresh token
// is good for one use, so the new pair is stored before anything is asked by
// it, and one replica at a time renews it. Two residues remain. Where the
// process dies, or Slack's answer is lost, between the use of the refresh token
// and the write, the new pair is lost: the old token is used to its end, and
// then the app has to be installed again. Where the store does not take the
// pair, it is kept in memory and offered again until it does.
const (
	// rotateAhead is how long before its end a token is renewed: what Slack's
	// own libraries do.
	rotateAhead = 2 * time.Hour
	// rotateRest is between attempts while the old token still lasts.
	rotateRest = time.Minute
	// rotateHold is longer than a renewal takes, with its writes.
	rotateHold = time.Minute
	// lastMoment is when the old token is not begun with any more.
	lastMoment = time.Minute
	rotateBusy = 2 * time.Second // to wait for the replica that renews it
)

// saveWaits are between attempts to store a new pair.
var saveWaits = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, 1500 * time.Millisecond}

// lasting returns w, or what takes its place where its token ends soon.
func (p *Platform) lasting(ctx context.Context, w *workspace) (*workspace, error) {
	i, now := w.install, p.OAuth.Now()
	if i.Expires.IsZero() || now.Before(i.Expires.Add(-rotateAhead)) || w.client.broken != nil {
		return w, nil
	}
	usable := now.Before(i.Expires.Add(-lastMoment))
	p.teams.mu.Lock()
	rests := now.Before(p.teams.resting[i.Space])
	p.teams.mu.Unlock()
	if usable && rests {
		return w, nil
	}
	renewed, err := p.rotate(ctx, i)
	if err == nil || !usable {
		return renewed, err
	}
	p.teams.mu.Lock()
	if p.teams.resting == nil {
		p.teams.resting = map[string]time.Time{}
	}
	p.teams.resting[i.Space] = now.Add(rotateRest)
	p.teams.mu.Unlock()
	p.Logger.Warn("the token of a slack workspace is not renewed yet; the old one is used on", "workspace", i.Space, "until", i.Expires, "err", err)
	return w, nil
}

// rotate renews the token of i and returns its workspace, or that of the token
// that somebody else stored meanwhile. Its error is definite.
func (p *Platform) rotate(ctx context.Context, i bot.Installation) (*workspace, error) {
	alone := p.alone(i.Space)
	alone.Lock()
	defer alone.Unlock()
	lease := "slack rotation " + i.Space
	_, held, err := p.OAuth.Store.Lease(ctx, lease, p.OAuth.owner, rotateHold)
	if err != nil {
		return nil, &bot.SendError{Outcome: bot.Throttled, RetryAfter: storeWait, Reason: "the store does not say who renews the token of this workspace", Err: err}
	}
	if !held {
		return nil, &bot.SendError{Outcome: bot.Throttled, RetryAfter: rotateBusy, Reason: "another replica renews the token of this workspace"}
	}
	defer func() {
		if err := p.OAuth.Store.Unlease(context.WithoutCancel(ctx), lease, p.OAuth.owner); err != nil {
			p.Logger.Warn("a lease was not given up; it runs out", "lease", lease, "err", err)
		}
	}()
	now, err := p.installation(ctx, i.Space)
	if err != nil {
		return nil, err
	}
	if now.Version != i.Version {
		return p.opened(ctx, now), nil
	}
	p.teams.mu.Lock()
	fresh, waits := p.teams.unsaved[i.Space]
	p.teams.mu.Unlock()
	if !waits || fresh.Version != i.Version {
		if fresh, err = p.renewed(ctx, i); err != nil {
			return nil, err
		}
	}
	return p.stored(ctx, fresh)
}

// alone is held by the one goroutine of this process that renews a token: a
// lease does not tell those of one owner apart.
func (p *Platform) alone(space string) *sync.Mutex {
	p.teams.mu.Lock()
	defer p.teams.mu.Unlock()
	m := p.teams.rotating[space]
	if m == nil {
		if p.teams.rotating == nil {
			p.teams.rotating = map[string]*sync.Mutex{}
		}
		m = &sync.Mutex{}
		p.teams.rotating[space] = m
	}
	return m
}

// renewed exchanges the refresh token of i for a new pair.
func (p *Platform) renewed(ctx context.Context, i bot.Installation) (bot.Installation, error) {
	refresh, _, err := p.OAuth.vault.open(sealedRefresh, i.Space, i.Refresh)
	if err != nil {
		return i, &bot.SendError{Outcome: bot.Halted, Reason: keyLost, Err: err}
	}
	g, err := p.access(ctx, map[string]string{"grant_type": "refresh_token", "refresh_token": refresh})
	switch {
	case hasCode(err, refreshGone...) && p.OAuth.Now().Before(i.Expires):
		return i, &bot.SendError{Outcome: bot.Throttled, RetryAfter: rotateRest, Reason: "Slack does not renew the token of this workspace: when it ends, the app has to be installed there again", Err: answerOf(err)}
	case hasCode(err, refreshGone...):
		if endErr := p.end(ctx, i, rotatedAway, answerOf(err)); endErr != nil {
			return i, endErr
		}
		return i, &bot.SendError{Outcome: bot.Suspended, Reason: rotatedAway, Err: answerOf(err)}
	case hasCode(err, clientWrong...):
		return i, &bot.SendError{Outcome: bot.Halted, Reason: wrongClient, Err: answerOf(err)}
	case err == nil && (g.AccessToken == "" || g.RefreshToken == ""):
		err = errors.New("slack: the answer to a refresh token holds no pair of tokens")
	}
	if err != nil {
		return i, &bot.SendError{Outcome: bot.Throttled, RetryAfter: busyWait, Reason: "the token of this workspace could not be renewed", Err: answerOf(err)}
	}
	i.Token = p.OAuth.vault.seal(sealedToken, i.Space, g.AccessToken)
	i.Refresh = p.OAuth.vault.seal(sealedRefresh, i.Space, g.RefreshToken)
	i.Expires = g.expires(p.OAuth.Now())
	return i, nil
}

// stored saves a new pair before it is used.
func (p *Platform) stored(ctx context.Context, i bot.Installation) (*workspace, error) {
	ctx = context.WithoutCancel(ctx) // what Slack gave exists nowhere else
	var saved bot.Installation
	var err error
	for try := 0; ; try++ {
		saved, err = p.OAuth.Store.SaveInstallation(ctx, i)
		if err == nil || errors.Is(err, news.ErrFenced) || try == len(saveWaits) {
			break
		}
		_ = sleep(ctx, saveWaits[try])
	}
	p.teams.mu.Lock()
	if err == nil || errors.Is(err, news.ErrFenced) {
		delete(p.teams.unsaved, i.Space)
	} else {
		if p.teams.unsaved == nil {
			p.teams.unsaved = map[string]bot.Installation{}
		}
		p.teams.unsaved[i.Space] = i
	}
	p.teams.mu.Unlock()
	switch {
	case errors.Is(err, news.ErrFenced):
		// It was installed again or ended meanwhile, or an earlier try was
		// stored and its answer lost.
		if saved, err = p.installation(ctx, i.Space); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, &bot.SendError{Outcome: bot.Throttled, RetryAfter: storeWait, Reason: "the store does not take the new token of this workspace", Err: fmt.Errorf("it is kept in memory: %w", err)}
	default:
		p.Logger.Info("the token of a slack workspace was renewed", "workspace", i.Space, "until", i.Expires)
	}
	return p.opened(ctx, saved), nil
}
