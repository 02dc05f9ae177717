package discordtest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// requireTag is the flag of a forum whose posts must have a tag:
// discord.com/developers/docs/resources/channel#channel-object-channel-flags.
const requireTag = 1 << 4

// showChannel is a channel as the API returns it. What the bot has there comes
// from its role, less or more what the channel's overwrites say; s.mu is held.
func (s *Server) showChannel(c *channel) map[string]any {
	out := map[string]any{"id": c.id, "type": c.Type, "name": c.Name}
	if c.Type == typeDirect {
		return out
	}
	out["guild_id"] = c.Guild
	if c.Type == typeThread {
		out["parent_id"], out["owner_id"], out["applied_tags"] = c.Parent, c.owner, orEmpty(c.Applied)
		out["thread_metadata"] = map[string]any{
			"archived": c.Archived, "archive_timestamp": c.archived.UTC().Format(time.RFC3339Nano), "locked": c.Locked, "auto_archive_duration": 1440,
		}
		return out
	}
	out["permission_overwrites"] = []any{
		map[string]any{"id": c.Guild, "type": 0, "allow": "0", "deny": bits(Usual &^ c.bits())},
		map[string]any{"id": s.UserID, "type": 1, "allow": bits(c.bits() &^ Usual), "deny": "0"},
	}
	if c.Type == typeForum {
		out["available_tags"], out["flags"] = orEmpty(c.Tags), 0
		if c.TagRequired {
			out["flags"] = requireTag
		}
	}
	return out
}

// Posts returns the posts of a forum, the oldest first.
func (s *Server) Posts(forum string) []Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Post
	for _, c := range s.channels {
		if c.Type == typeThread && c.Parent == forum {
			p := Post{ID: c.id, Channel: c.Channel}
			for _, m := range c.messages {
				p.Messages = append(p.Messages, *m)
			}
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Post) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// A Post is a thread of a forum. The first of its messages has its ID.
type Post struct {
	ID string
	Channel
	Messages []Message
}

// Archive archives a thread, as Discord does with one that is quiet, or as a
// moderator who may lock it, too.
func (s *Server) Archive(thread string, locked bool) {
	s.mu.Lock()
	c := s.channels[thread]
	c.Archived, c.Locked, c.archived = true, locked, time.Now()
	shown := s.showChannel(c)
	s.mu.Unlock()
	s.announce("THREAD_UPDATE", shown)
}

// The fields that a post and its first message may have: there is no nonce.
var (
	postFields    = []string{"name", "auto_archive_duration", "rate_limit_per_user", "applied_tags", "message"}
	starterFields = []string{"content", "embeds", "components", "flags", "allowed_mentions", "attachments"}
)

// createPost adds a post to a forum; s.mu is held.
func (s *Server) createPost(id string, body []byte) (any, *refusal) {
	c, no := s.open(id)
	if no != nil {
		return nil, no
	}
	if c.Type != typeForum {
		return nil, refuse(50024)
	}
	if !c.may(SendMessages) {
		return nil, refuse(50013)
	}
	var given map[string]json.RawMessage
	var p struct {
		Name    string          `json:"name"`
		Archive int             `json:"auto_archive_duration"`
		Applied []string        `json:"applied_tags"`
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(body, &given) != nil || json.Unmarshal(body, &p) != nil {
		return nil, refuse(50109)
	}
	f := form{}
	for name := range given {
		if !slices.Contains(postFields, name) {
			f.add(name, "UNKNOWN_FIELD", "this fake takes no field that it does not know")
		}
	}
	f.text("name", p.Name, 1, 100)
	if given["auto_archive_duration"] != nil && !slices.Contains([]int{60, 1440, 4320, 10080}, p.Archive) {
		f.add("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of (60, 1440, 4320, 10080).")
	}
	if len(p.Applied) > 5 {
		f.add("applied_tags", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
	}
	for i, t := range p.Applied {
		at := slices.IndexFunc(c.Tags, func(tag Tag) bool { return tag.ID == t })
		if at < 0 {
			f.add("applied_tags."+strconv.Itoa(i), "FORUM_TAG_UNKNOWN", "Unknown tag")
		} else if c.Tags[at].Moderated && !c.may(ManageThreads) {
			return nil, refuse(50013)
		}
	}
	if len(f.problems) > 0 {
		return nil, f.refusal()
	}
	if c.TagRequired && len(p.Applied) == 0 {
		return nil, refuse(40067)
	}
	first, no := readPayload(p.Message, starterFields)
	if no != nil {
		return nil, no
	}
	if first.empty() {
		return nil, refuse(50006)
	}
	if len(first.Embeds) > 0 && !c.may(EmbedLinks) {
		return nil, refuse(50013)
	}
	t := &channel{
		Channel: Channel{Name: strings.TrimSpace(p.Name), Type: typeThread, Permissions: c.Permissions, Parent: id, Guild: c.Guild, Applied: p.Applied},
		id:      s.snowflake(), owner: s.UserID, archived: time.Now(), nonces: map[string]nonce{},
	}
	m := &Message{
		ID: t.id, Channel: t.id, Author: s.UserID, Content: first.Content, Embeds: first.Embeds, Components: first.Components,
		Attachments: first.Attachments, Flags: first.Flags, Pings: first.pings(), Posted: time.Now(),
	}
	t.messages = []*Message{m}
	s.channels[t.id] = t
	shown := s.showChannel(t)
	s.work.Go(func() { s.announce("THREAD_CREATE", shown) })
	answer := s.showChannel(t)
	answer["message"] = s.show(m)
	return answer, nil
}

// getActiveThreads shows those threads of a server that are not archived.
func (s *Server) getActiveThreads(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	guild := r.PathValue("guild")
	if no := s.member(guild); no != nil {
		return nil, no
	}
	out := []any{}
	for _, c := range s.threads(func(c *channel) bool { return c.Guild == guild && !c.Archived }) {
		out = append(out, s.showChannel(c))
	}
	return map[string]any{"threads": out, "members": []any{}}, nil
}

// getArchivedThreads shows those threads of a channel that are archived, the
// ones that were last.
func (s *Server) getArchivedThreads(r *http.Request, _ []byte) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, no := s.open(r.PathValue("channel"))
	if no != nil {
		return nil, no
	}
	if !c.may(ReadMessageHistory) {
		return nil, refuse(50013)
	}
	q := r.URL.Query()
	limit := 50
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 2 || n > 100 {
			return nil, malformed("limit", "NUMBER_TYPE_MAX", "int value should be between 2 and 100.")
		}
		limit = n
	}
	before := time.Now().Add(time.Hour)
	if v := q.Get("before"); v != "" {
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return nil, malformed("before", "DATE_TIME_TYPE_PARSE", "want an ISO8601 timestamp")
		}
		before = t
	}
	found := s.threads(func(t *channel) bool { return t.Parent == c.id && t.Archived && t.archived.Before(before) })
	slices.SortFunc(found, func(a, b *channel) int { return b.archived.Compare(a.archived) })
	out := []any{}
	for _, t := range found[:min(len(found), limit)] {
		out = append(out, s.showChannel(t))
	}
	return map[string]any{"threads": out, "members": []any{}, "has_more": len(found) > limit}, nil
}

// threads returns those threads that the bot sees; s.mu is held.
func (s *Server) threads(want func(*channel) bool) (out []*channel) {
	for _, c := range s.channels {
		if c.Type == typeThread && c.may(0) && want(c) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *channel) int { return cmp.Compare(b.id, a.id) })
	return out
}

// CopyPost makes a post of what another has, as another bot would, and returns
// its id.
func (s *Server) CopyPost(thread string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.channels[thread]
	c := &channel{Channel: of.Channel, id: s.snowflake(), owner: "1300000000000000008", archived: time.Now(), nonces: map[string]nonce{}}
	for _, m := range of.messages {
		m := *m
		m.Channel, m.Author = c.id, c.owner
		if m.ID == thread {
			m.ID = c.id
		} else {
			m.ID = s.snowflake()
		}
		c.messages = append(c.messages, &m)
	}
	s.channels[c.id] = c
	return c.id
}
