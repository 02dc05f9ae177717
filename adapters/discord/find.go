package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

const (
	// epoch is the first second of 2015 in ms, where Discord's ids begin:
	// discord.com/developers/docs/reference#snowflakes.
	epoch = 1420070400000
	// clockMargin is how far this machine's clock may be ahead of Discord's
	// where the newest page does not reach.
	clockMargin = 5 * time.Second
	// pageMax is how many messages Discord returns at once.
	pageMax = 100
	// pagesMax bounds a search; a channel has to be busier than any to reach it.
	pagesMax = 50
	// findPatience is how long a page may wait for its turn.
	findPatience = 10 * time.Second
)

// A shown message is one of a channel's history.
type shown struct {
	ID     string `json:"id"`
	Flags  int    `json:"flags"`
	Author struct {
		ID string `json:"id"`
	} `json:"author"`
	Components []struct {
		Components []struct {
			CustomID string `json:"custom_id"`
		} `json:"components"`
	} `json:"components"`
	Embeds []struct {
		Footer struct {
			Text string `json:"text"`
		} `json:"footer"`
	} `json:"embeds"`
}

// carries reports whether the message was rendered with key.
func (m shown) carries(key string) bool {
	for _, row := range m.Components {
		for _, b := range row.Components {
			if k, _, ok := splitCustomID(b.CustomID); ok && k == key {
				return true
			}
		}
	}
	for _, e := range m.Embeds {
		if strings.HasSuffix(e.Footer.Text, footerMark+key) {
			return true
		}
	}
	return false
}

// marked reports whether the message was rendered with a key, as what is owed
// to the channel is and an answer is not.
func (m shown) marked() bool {
	for _, row := range m.Components {
		for _, b := range row.Components {
			if k, _, ok := splitCustomID(b.CustomID); ok && k != "" {
				return true
			}
		}
	}
	for _, e := range m.Embeds {
		if strings.Contains(e.Footer.Text, footerMark) {
			return true
		}
	}
	return false
}

// Find reads the channel's history from its end back to since. The newest page
// counts whatever since says: the clock that said it may have been fast. A
// history that is empty proves nothing by itself: Discord shows an empty one to
// a bot without Read Message History, so that permission is looked up then.
func (p *Platform) Find(ctx context.Context, post bot.Post, since time.Time) (bot.MessageID, bool, error) {
	channel, err := p.place(ctx, post.Channel)
	if err != nil {
		return "", false, err
	}
	if post.Key == "" {
		return "", false, errors.New("find in discord: no key to look for")
	}
	if thread, _, ok := splitForum(post.Thread); ok {
		id, found, err := p.findIn(ctx, thread, post.Key, since)
		if found {
			return inForum(thread, string(id)), true, nil
		}
		if !hasCode(err, codeUnknownChannel) || p.known.outage(thread) {
			return "", false, err
		}
		// The post was deleted, and the answer may stand by itself.
	}
	of, known := p.known.find(channel)
	if _, person := post.Channel.Person(); !known && !person {
		if of, err = p.lookUp(ctx, channel); err != nil {
			return "", false, p.inOutage(channel, err)
		}
	}
	if of.forum() {
		id, found, err := p.findPost(ctx, channel, post, since)
		return id, found, p.inOutage(channel, err)
	}
	id, found, err := p.findIn(ctx, channel, post.Key, since)
	if found {
		p.announced(post.Channel, channel, id)
	}
	return id, found, p.inOutage(channel, err)
}

// findIn reads the history of a channel or thread.
func (p *Platform) findIn(ctx context.Context, channel, key string, since time.Time) (bot.MessageID, bool, error) {
	me, err := p.me(ctx)
	if err != nil {
		return "", false, err
	}
	oldest, before := snowflake(since.Add(-clockMargin)), ""
	for range pagesMax {
		messages, err := p.history(ctx, channel, before)
		if err != nil {
			return "", false, err
		}
		for _, m := range messages {
			if m.Author.ID == me && m.carries(key) {
				return bot.MessageID(m.ID), true, nil
			}
			if before == "" || later(before, m.ID) {
				before = m.ID
			}
		}
		switch {
		case before == "":
			return "", false, p.provenEmpty(ctx, channel)
		case len(messages) < pageMax || later(oldest, before):
			return "", false, nil
		}
	}
	return "", false, fmt.Errorf("discord channel %s: more than %d messages since %s", channel, pagesMax*pageMax, since.Format(time.RFC3339))
}

// history returns up to pageMax messages, the newest of those that come before
// an id, or of all where it is "".
func (p *Platform) history(ctx context.Context, channel, before string) ([]shown, error) {
	query := "?limit=" + strconv.Itoa(pageMax)
	if before != "" {
		query += "&before=" + before
	}
	answer, err := p.client.do(ctx, request{
		method:   http.MethodGet,
		endpoint: discordgo.EndpointChannelMessages(channel) + query,
		route:    "GET " + channel,
		patience: findPatience,
	})
	if err != nil {
		return nil, err
	}
	var messages []shown
	if err := json.Unmarshal(answer, &messages); err != nil {
		return nil, fmt.Errorf("discord channel %s: its history: %w", channel, err)
	}
	return messages, nil
}

// provenEmpty returns nil where the bot may read the channel's history.
func (p *Platform) provenEmpty(ctx context.Context, channel string) error {
	a, err := p.access(ctx, channel)
	if err != nil {
		return err
	}
	if a.permissions&readable != readable {
		return fmt.Errorf("discord channel %s: %w", channel, bot.ErrBlind)
	}
	return nil
}

const readable = discordgo.PermissionViewChannel | discordgo.PermissionReadMessageHistory

// snowflake returns the id that Discord would give at t.
func snowflake(t time.Time) string {
	return strconv.FormatInt(max(t.UnixMilli()-epoch, 0)<<22, 10)
}

// timeOf returns when Discord gave an id.
func timeOf(id string) (time.Time, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	return time.UnixMilli(n>>22 + epoch), err
}

// later reports whether id a is greater than b.
func later(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return cmp.Compare(a, b) > 0
}
