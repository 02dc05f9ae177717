package slack

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

const (
	// clockMargin is how far this machine's clock may be ahead of Slack's
	// where the newest page does not reach.
	clockMargin = 2 * time.Second
	// pageMax is how many messages a page has. Slack gives fewer to some apps,
	// and says so by a cursor.
	pageMax = 100
	// pagesMax bounds a search; a channel has to be busier than any to reach it.
	pagesMax = 50
)

// blindness are the errors with which Slack says that it will not show a
// channel's history to the bot.
var blindness = []string{
	"missing_scope", "no_scope", "not_in_channel", "channel_not_found", "no_permission", "access_denied", "ekm_access_denied",
	"not_allowed_token_type", "method_not_supported_for_channel_type",
}

// Find looks through the channel's history from its end back to since, and
// through the thread of an answer first: history does not show those. The
// thread and the newest page count whatever since says: the clock that said it
// may have been fast.
func (p *workspace) Find(ctx context.Context, post bot.Post, since time.Time) (bot.MessageID, bool, error) {
	id, err := p.place(ctx, post.Channel)
	if err != nil {
		return "", false, err
	}
	me, err := p.me(ctx)
	if err != nil {
		return "", false, fmt.Errorf("find in %s: %w", post.Channel, err)
	}
	oldest := timestamp(since.Add(-clockMargin))
	ours := func(m slack.Message) bool {
		return (m.User == me.UserID || m.BotID != "" && m.BotID == me.BotID) && carries(m, post.Key)
	}
	if post.Thread != "" {
		found, err := p.search(ctx, methodReplies, "", ours, func(ctx context.Context, cursor string) (page []slack.Message, next string, err error) {
			page, _, next, err = p.client.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: id, Timestamp: string(post.Thread), Cursor: cursor, Limit: pageMax, IncludeAllMetadata: true,
			})
			return page, next, err
		})
		// Where the thread is gone, the answer was posted by itself.
		if found != "" || err != nil && !hasCode(err, "thread_not_found", "message_not_found") {
			return found, found != "", p.sight(post, err)
		}
	}
	found, err := p.search(ctx, methodHistory, oldest, ours, func(ctx context.Context, cursor string) ([]slack.Message, string, error) {
		r, err := p.client.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: id, Cursor: cursor, Limit: pageMax, IncludeAllMetadata: true,
		})
		if err != nil {
			return nil, "", err
		}
		return r.Messages, r.ResponseMetaData.NextCursor, nil
	})
	return found, found != "", p.sight(post, err)
}

// sight tells ErrBlind from other failures.
func (p *workspace) sight(post bot.Post, err error) error {
	switch {
	case err == nil:
		return nil
	case hasCode(err, blindness...):
		return fmt.Errorf("find in %s: %w: %w", post.Channel, bot.ErrBlind, answerOf(err))
	}
	return fmt.Errorf("find in %s: %w", post.Channel, err)
}

// search reads pages until one holds a message that is ours and returns its
// id, "" where none does. It reads no page beyond one that holds what is older
// than oldest.
func (p *workspace) search(ctx context.Context, method, oldest string, ours func(slack.Message) bool, read func(context.Context, string) ([]slack.Message, string, error)) (bot.MessageID, error) {
	cursor := ""
	for range pagesMax {
		var page []slack.Message
		var next string
		err := p.client.call(ctx, method, func(ctx context.Context) (err error) {
			page, next, err = read(ctx, cursor)
			return err
		})
		if err != nil {
			return "", err
		}
		beyond := false
		for _, m := range page {
			if ours(m) {
				return bot.MessageID(m.Timestamp), nil
			}
			beyond = beyond || m.Timestamp < oldest // both have ten digits before the point
		}
		if next == "" || beyond {
			return "", nil
		}
		cursor = next
	}
	return "", fmt.Errorf("slack: %s: more than %d pages", method, pagesMax)
}

// carries reports whether the message was rendered with key.
func carries(m slack.Message, key string) bool {
	if key == "" {
		return false
	}
	if m.Metadata.EventType == eventType && m.Metadata.EventPayload[payloadKey] == key {
		return true
	}
	for _, b := range m.Blocks.BlockSet {
		if k, ok := keyOf(b.ID()); ok && k == key {
			return true
		}
	}
	return false
}

// timestamp writes t as Slack does: seconds and six digits.
func timestamp(t time.Time) string {
	us := max(t.UnixMicro(), 0)
	return strconv.FormatInt(us/1e6, 10) + fmt.Sprintf(".%06d", us%1e6)
}
