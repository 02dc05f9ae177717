package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// A forum takes posts, which are threads: a story is one, its first message
// the card. The MessageID of what stands in a forum is "thread/message"; the
// first message of a thread has the thread's own id.
//
// Discord knows no nonce for posts, so that nothing but Find keeps a second one
// away where an answer was lost: discord.com/developers/docs/resources/channel#start-thread-in-forum-or-media-channel.

// Limits of a post: discord.com/developers/docs/resources/channel#start-thread-in-forum-or-media-channel-jsonform-params.
const (
	postNameMax = 100
	postTagsMax = 5
	// archiveAfter, in minutes without a message, is the least of Discord's
	// choices that is longer than a story is edited: an archived post cannot be.
	archiveAfter = 4320
)

// A forumPost is the body that adds a post to a forum.
type forumPost struct {
	Name        string   `json:"name"`
	ArchiveMins int      `json:"auto_archive_duration"`
	Tags        []string `json:"applied_tags,omitempty"`
	Message     Message  `json:"message"`
}

func (f forumPost) attachment() []byte { return f.Message.file }

// inForum is the MessageID of what stands in a forum's post.
func inForum(thread, message string) bot.MessageID { return bot.MessageID(thread + "/" + message) }

// splitForum reads what inForum wrote.
func splitForum(id bot.MessageID) (thread, message string, ok bool) {
	thread, message, ok = strings.Cut(string(id), "/")
	return thread, message, ok && isSnowflake(thread) && isSnowflake(message)
}

// noMessages are the refusals of a channel that takes no messages, as a forum does.
func noMessages(err error) bool { return hasCode(err, 50008, 50024, 40058, 220001) }

// postThread makes one post in the forum, and another where the first was
// refused for its tags, which may have changed since they were known.
func (p *Platform) postThread(ctx context.Context, forum string, of place, post bot.Post) (bot.MessageID, error) {
	m := Render(post.Card, post.Key)
	m.mention(post.Card.Mention)
	m.Nonce, m.EnforceNonce = "", false
	body := forumPost{
		Name:        cmp.Or(plain(post.Card.Title, postNameMax), plain(post.Card.Text, postNameMax), "Newsdesk"),
		ArchiveMins: archiveAfter, Message: m,
	}
	send := func() ([]byte, error) {
		body.Tags = tagsFor(of, post.Card.Tags)
		return p.client.do(ctx, request{method: http.MethodPost, endpoint: discordgo.EndpointChannelThreads(forum), route: "THREADS " + forum, body: body})
	}
	answer, err := send()
	if hasCode(err, codeForumTag) || hasCode(err, codeMalformed) && len(body.Tags) > 0 {
		if now, failed := p.lookUp(ctx, forum); failed == nil && !slices.Equal(tagsFor(now, post.Card.Tags), body.Tags) {
			of = now
			answer, err = send()
		}
	}
	if err != nil {
		return "", err
	}
	var posted struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &posted); err != nil || posted.ID == "" {
		return "", fmt.Errorf("post to discord forum %s: the answer names no post", forum)
	}
	return inForum(posted.ID, posted.ID), nil
}

// tagsFor returns the forum's tags that have the name of one of names. Where a
// post must have a tag and none fits it gets the first: any is better than
// none of the news. Tags that only moderators may give are left alone.
func tagsFor(of place, names []string) (ids []string) {
	first := ""
	for _, t := range of.tags {
		if t.Moderated {
			continue
		}
		first = cmp.Or(first, t.ID)
		if len(ids) < postTagsMax && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(t.Name), n) }) {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 && of.tagged && first != "" {
		ids = append(ids, first)
	}
	return ids
}

// answerInPost answers within the post that the message is of. gone tells that
// the post was deleted, so that the answer is to stand by itself.
func (p *Platform) answerInPost(ctx context.Context, thread string, post bot.Post) (id bot.MessageID, gone bool, err error) {
	m, err := p.send(ctx, thread, Render(post.Card, post.Key))
	switch {
	case err == nil:
		return inForum(thread, m), false, nil
	case hasCode(err, codeUnknownChannel):
		return "", !p.known.outage(thread), err
	case hasCode(err, codeLocked):
		// A moderator closed this story, not the forum.
		err = &bot.SendError{Outcome: bot.Rejected, Reason: "the story's post is locked", Err: err}
	}
	return "", false, err
}

// editInPost is the error of an edit in a forum's post: what befell the post
// says nothing about the forum.
func editInPost(err error) error {
	if hasCode(err, codeUnknownChannel) {
		return &bot.SendError{Outcome: bot.Rejected, Reason: "the story's post was deleted", Err: err}
	}
	return err
}

const (
	// postsLookedAt is how many of the bot's latest posts in a forum are looked
	// at whatever the time is that a search begins at: each costs a request. The
	// clock that said the time may have been fast.
	postsLookedAt = 20
	// postsMost bounds a search, as pagesMax does in a channel.
	postsMost = 500
)

// findPost looks at the first messages of the bot's own posts in the forum, the
// latest first, back to since.
func (p *Platform) findPost(ctx context.Context, forum string, post bot.Post, since time.Time) (bot.MessageID, bool, error) {
	if err := p.provenEmpty(ctx, forum); err != nil {
		return "", false, err
	}
	me, err := p.me(ctx)
	if err != nil {
		return "", false, err
	}
	threads, err := p.posts(ctx, forum, me, since)
	if err != nil {
		return "", false, err
	}
	oldest := snowflake(since.Add(-clockMargin))
	for i, t := range threads {
		if i >= postsLookedAt && later(oldest, t) {
			break
		}
		if i == postsMost {
			return "", false, fmt.Errorf("discord forum %s: more than %d posts since %s", forum, postsMost, since.Format(time.RFC3339))
		}
		answer, err := p.client.do(ctx, request{
			method: http.MethodGet, endpoint: discordgo.EndpointChannelMessage(t, t), route: "GET " + t, patience: findPatience,
		})
		if hasCode(err, codeUnknownMessage, codeUnknownChannel) {
			continue // deleted
		} else if err != nil {
			return "", false, err
		}
		var m shown
		if err := json.Unmarshal(answer, &m); err != nil {
			return "", false, fmt.Errorf("discord forum %s: the post %s: %w", forum, t, err)
		}
		if m.Author.ID == me && m.carries(post.Key) {
			return inForum(t, t), true, nil
		}
	}
	return "", false, nil
}

// posts returns the threads that the bot began in the forum, the latest first:
// all that are active, and those archived that may have been begun since.
func (p *Platform) posts(ctx context.Context, forum, me string, since time.Time) ([]string, error) {
	guild, err := p.guild(ctx, forum)
	if err != nil {
		return nil, err
	}
	type listed struct {
		Threads []discordgo.Channel `json:"threads"`
		More    bool                `json:"has_more"`
	}
	read := func(endpoint, route string) (l listed, err error) {
		answer, err := p.client.do(ctx, request{method: http.MethodGet, endpoint: endpoint, route: route, patience: findPatience})
		if err == nil {
			err = json.Unmarshal(answer, &l)
		}
		return l, err
	}
	var ids []string
	own := func(l listed) {
		for _, t := range l.Threads {
			if t.ParentID == forum && t.OwnerID == me {
				ids = append(ids, t.ID)
			}
		}
	}
	active, err := read(discordgo.EndpointGuildActiveThreads(guild), "ACTIVE "+guild)
	if err != nil {
		return nil, fmt.Errorf("discord forum %s: its active posts: %w", forum, err)
	}
	own(active)
	query := "?limit=" + strconv.Itoa(pageMax)
	for page := 0; ; page++ {
		if page == pagesMax {
			return nil, errors.New("too many posts were archived meanwhile")
		}
		archived, err := read(discordgo.EndpointChannelPublicArchivedThreads(forum)+query, "ARCHIVED "+forum)
		if err != nil {
			return nil, fmt.Errorf("discord forum %s: its archived posts: %w", forum, err)
		}
		own(archived)
		last, more := archivedBefore(archived.Threads)
		// What was archived before is older still.
		if !archived.More || !more || last.Before(since.Add(-clockMargin)) {
			break
		}
		query = "?limit=" + strconv.Itoa(pageMax) + "&before=" + url.QueryEscape(last.UTC().Format(time.RFC3339Nano))
	}
	slices.SortFunc(ids, func(a, b string) int {
		if later(a, b) {
			return -1
		}
		return 1
	})
	return slices.Compact(ids), nil
}

// archivedBefore returns when the last of a page was archived.
func archivedBefore(threads []discordgo.Channel) (last time.Time, ok bool) {
	for _, t := range threads {
		if m := t.ThreadMetadata; m != nil && (!ok || m.ArchiveTimestamp.Before(last)) {
			last, ok = m.ArchiveTimestamp, true
		}
	}
	return last, ok
}
