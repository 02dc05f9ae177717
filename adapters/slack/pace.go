package slack

import (
	"context"
	"time"

	"newsdesk/bot"
)

// The limits of Slack: docs.slack.dev/apis/web-api/rate-limits. It lets bursts
// through without a promise to show what they bring, so none is used.
const (
	// perChannel is how many messages a second one channel takes.
	perChannel = 1
	// perWorkspace is how many messages a second are posted in all: Slack
	// speaks of several hundred a minute.
	perWorkspace = 5
	// tier3 is how many calls a minute each of the other methods takes, but for
	// those of tier2 and tier4.
	tier3 = 50
	tier2 = 20
	tier4 = 100
)

// Rest is how long Slack wants a channel to be left alone after a message.
func (p *Platform) Rest() time.Duration { return time.Second / perChannel }

// A pace keeps requests within Slack's limits, for all replicas together.
// Slack limits each method by itself, for the whole workspace, so a 429 pauses
// its method alone.
type pace struct {
	limiter bot.Limiter
	name    string // of the bot
	methods map[string]*bot.Queue
}

// newPace makes the pace of a bot that is known to l by its name.
func newPace(l bot.Limiter, name string) *pace {
	p := &pace{limiter: l, name: name, methods: map[string]*bot.Queue{
		methodPost: bot.NewQueue(l, bot.Limit{Key: "slack " + name + " " + methodPost, Most: perWorkspace, Per: time.Second}),
	}}
	for _, m := range []string{methodUpdate, methodHistory, methodReplies, methodInfo, methodJoin, methodDirect, methodWhisper, methodView, methodUploadURL, methodUploaded, methodUser, methodChannels} {
		p.methods[m] = bot.NewQueue(l, bot.Limit{Key: "slack " + name + " " + m, Most: tier3, Per: time.Minute})
	}
	p.methods[methodPublish] = bot.NewQueue(l, bot.Limit{Key: "slack " + name + " " + methodPublish, Most: tier4, Per: time.Minute})
	for _, m := range []string{methodGroup, methodGroups} {
		p.methods[m] = bot.NewQueue(l, bot.Limit{Key: "slack " + name + " " + m, Most: tier2, Per: time.Minute})
	}
	return p
}

// wait takes the turns of a request of method, to channel where the method
// posts: they are to be ended. Where they are far off it takes none and
// returns Throttled; so it does where ctx ends.
func (p *pace) wait(ctx context.Context, method, channel string) (turns [2]*bot.Turn, err error) {
	refused := func(wait time.Duration, err error) error {
		for _, t := range turns {
			t.End(ctx, false)
		}
		if err != nil && ctx.Err() == nil {
			return &bot.SendError{Outcome: bot.Throttled, RetryAfter: 5 * time.Second, Reason: "the limiter that the replicas share does not answer", Err: err}
		}
		if err != nil {
			return &bot.SendError{Outcome: bot.Throttled, RetryAfter: time.Second, Reason: "stopped while it waited for its turn", Err: err}
		}
		return &bot.SendError{Outcome: bot.Throttled, RetryAfter: wait, Reason: "Slack's rate limit is used up"}
	}
	var wait time.Duration
	if method == methodPost && channel != "" {
		limit := bot.Limit{Key: "slack " + p.name + " " + channel, Most: perChannel, Per: time.Second}
		if turns[0], wait, err = bot.TakeTurn(ctx, p.limiter, limit); turns[0] == nil {
			return turns, refused(wait, err)
		}
	}
	if q := p.methods[method]; q != nil {
		if turns[1], wait, err = q.Wait(ctx); turns[1] == nil {
			return turns, refused(wait, err)
		}
	}
	return turns, nil
}

// pause lets no request of method leave for d.
func (p *pace) pause(ctx context.Context, method string, d time.Duration) error {
	if q := p.methods[method]; q != nil {
		return q.Pause(context.WithoutCancel(ctx), d)
	}
	return nil
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
