package discord_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/discord/discordtest"
	"newsdesk/bot"
)

// newForum is newPlatform with a forum for a channel. Where told is false the
// platform has to find that out.
func newForum(t *testing.T, told bool, c discordtest.Channel) (*discordtest.Server, bot.Platform) {
	s, p := newPlatform(t)
	c.Type = 15
	s.AddChannel(room, c)
	if told {
		p.Hear("GUILD_CREATE", fmt.Sprintf(`{"id":%q,"channels":[{"id":%q,"type":15}]}`, s.Guild, room))
	}
	return s, p
}

func count(s *discordtest.Server, request string) (n int) {
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, request) {
			n++
		}
	}
	return n
}

func TestStoryIsAPostOfAForum(t *testing.T) {
	for _, told := range []bool{true, false} {
		s, p := newForum(t, told, discordtest.Channel{})
		first := post(1)
		first.Card.Title = strings.Repeat("Chips are back ", 20)
		id, err := p.Post(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		answer := post(2)
		answer.Thread = id
		if _, err := p.Post(t.Context(), answer); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Post(t.Context(), post(3)); err != nil {
			t.Fatal(err)
		}
		posts := s.Posts(room)
		if len(posts) != 2 || len(posts[0].Messages) != 2 || len(posts[1].Messages) != 1 || len(posts[0].Name) > 102 || !strings.HasPrefix(posts[0].Name, "Chips are back Chips") {
			t.Errorf("told %v: %+v", told, posts)
		}
		// Only what was not known cost requests.
		want := map[string]int{"POST /channels/" + room + "/messages": 1, "GET /channels/" + room: 1, "POST /channels/" + room + "/threads": 2}
		if told {
			want["POST /channels/"+room+"/messages"], want["GET /channels/"+room] = 0, 0
		}
		for r, n := range want {
			if got := count(s, r); got != n {
				t.Errorf("told %v: %d requests %s, want %d", told, got, r, n)
			}
		}
	}
}

// A tag is given where the forum has one of the name of the story's status or
// of one of its topics, or where a post must have one.
func TestTagsOfAPost(t *testing.T) {
	tags := []discordtest.Tag{{ID: "1", Name: "Official", Moderated: true}, {ID: "2", Name: "Misc"}, {ID: "3", Name: "rumour"}, {ID: "4", Name: "DeepSeek"}, {ID: "5", Name: "OpenAI"}}
	for _, tt := range []struct {
		tags     []string
		required bool
		want     []string
	}{
		{nil, false, nil},
		{[]string{"denied"}, false, nil},
		{[]string{"Rumour", "deepseek", "Official"}, false, []string{"3", "4"}},
		{[]string{"denied"}, true, []string{"2"}},
		{[]string{"openai"}, true, []string{"5"}},
	} {
		s, p := newForum(t, false, discordtest.Channel{Tags: tags, TagRequired: tt.required})
		story := post(1)
		story.Card.Tags = tt.tags
		if _, err := p.Post(t.Context(), story); err != nil {
			t.Fatal(err)
		}
		if got := s.Posts(room)[0].Applied; !slices.Equal(got, tt.want) {
			t.Errorf("%q, required %v: tags %q, want %q", tt.tags, tt.required, got, tt.want)
		}
	}
}

// Tags that changed since they were known cost one more request, and nothing else.
func TestTagsThatChanged(t *testing.T) {
	s, p := newForum(t, false, discordtest.Channel{Tags: []discordtest.Tag{{ID: "3", Name: "rumour"}}})
	story := post(1)
	story.Card.Tags = []string{"rumour"}
	if _, err := p.Post(t.Context(), story); err != nil {
		t.Fatal(err)
	}
	for n, tags := range [][]discordtest.Tag{{{ID: "33", Name: "rumour"}}, nil} {
		s.AddChannel(room, discordtest.Channel{Type: 15, Tags: tags})
		story.Key = key(n + 2)
		if _, err := p.Post(t.Context(), story); err != nil {
			t.Fatal(err)
		}
	}
	posts := s.Posts(room)
	if len(posts) != 3 || !slices.Equal(posts[1].Applied, []string{"33"}) || posts[2].Applied != nil {
		t.Errorf("%+v", posts)
	}
	s.AddChannel(room, discordtest.Channel{Type: 15, TagRequired: true})
	story.Key = key(4)
	_, err := p.Post(t.Context(), story)
	var e *bot.SendError
	if !errors.As(err, &e) || e.Outcome != bot.Suspended || !strings.Contains(e.Reason, "tag") {
		t.Errorf("a forum without a tag to give: %v", err)
	}
}

// What moderators do with a story's post befalls that story alone.
func TestModeratedPosts(t *testing.T) {
	outcome := func(err error) string {
		var e *bot.SendError
		switch {
		case err == nil:
			return "done"
		case errors.As(err, &e):
			return e.Outcome.String()
		}
		return "in doubt"
	}
	for _, tt := range []struct {
		name         string
		moderate     func(s *discordtest.Server, thread string)
		edit, answer string
		posts        int
	}{
		{"archived", func(s *discordtest.Server, thread string) { s.Archive(thread, false) }, "rejected", "done", 1},
		{"locked", func(s *discordtest.Server, thread string) { s.Archive(thread, true) }, "rejected", "rejected", 1},
		{"its first message deleted", func(s *discordtest.Server, thread string) { s.Delete(thread, thread) }, "rejected", "done", 1},
		{"deleted", func(s *discordtest.Server, thread string) { s.RemoveChannel(thread) }, "rejected", "done", 1}, // the answer stands by itself
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := newForum(t, true, discordtest.Channel{})
			begun := time.Now()
			id, err := p.Post(t.Context(), post(1))
			if err != nil {
				t.Fatal(err)
			}
			thread, _, _ := strings.Cut(string(id), "/")
			tt.moderate(s, thread)
			if got := outcome(p.Edit(t.Context(), post(1), id)); got != tt.edit {
				t.Errorf("an edit is %s, want %s", got, tt.edit)
			}
			answer := post(2)
			answer.Thread = id
			got, err := p.Post(t.Context(), answer)
			if outcome(err) != tt.answer {
				t.Errorf("an answer is %s (%v), want %s", outcome(err), err, tt.answer)
			}
			if n := len(s.Posts(room)); n != tt.posts {
				t.Errorf("%d posts, want %d", n, tt.posts)
			}
			if found, ok, ferr := p.Find(t.Context(), answer, begun); ferr != nil || ok != (err == nil) || found != got {
				t.Errorf("Find = %q, %v, %v; posted as %q", found, ok, ferr, got)
			}
			if next, err := p.Post(t.Context(), post(3)); err != nil {
				t.Errorf("the next story: %q, %v", next, err)
			}
		})
	}
}

// Posts that were archived or are of others are looked through as well, and
// only as far as they can be the one.
func TestFindInAForum(t *testing.T) {
	s, p := newForum(t, false, discordtest.Channel{})
	begun := time.Now()
	ids := map[int]bot.MessageID{}
	for n := range 30 {
		id, err := p.Post(t.Context(), post(n))
		if err != nil {
			t.Fatal(err)
		}
		ids[n] = id
		if thread, _, _ := strings.Cut(string(id), "/"); n%3 == 0 {
			s.Archive(thread, n%2 == 0)
		}
	}
	for _, n := range []int{0, 3, 10, 29} {
		if id, found, err := p.Find(t.Context(), post(n), begun); err != nil || !found || id != ids[n] {
			t.Errorf("Find %d = %q, %v, %v; want %q", n, id, found, err, ids[n])
		}
	}
	if id, found, err := p.Find(t.Context(), post(99), begun); err != nil || found {
		t.Errorf("Find of what is not there = %q, %v, %v", id, found, err)
	}
	// A time after all of them: the clock was fast, or they are old. Few are asked for.
	before := count(s, "GET /channels/")
	if id, found, err := p.Find(t.Context(), post(29), begun.Add(time.Hour)); err != nil || id != ids[29] {
		t.Errorf("Find of the last = %q, %v, %v", id, found, err)
	}
	if id, found, err := p.Find(t.Context(), post(0), begun.Add(time.Hour)); err != nil || found {
		t.Errorf("Find of the first, long ago = %q, %v, %v", id, found, err)
	}
	if n := count(s, "GET /channels/") - before; n > 30 {
		t.Errorf("%d requests", n)
	}
	// Posts of others do not count, whatever they carry.
	thread, _, _ := strings.Cut(string(ids[29]), "/")
	copied := s.CopyPost(thread)
	s.RemoveChannel(thread)
	if id, found, err := p.Find(t.Context(), post(29), begun); err != nil || found {
		t.Errorf("Find = %q, %v, %v; %s is another's copy", id, found, err, copied)
	}
	if n := count(s, "GET /channels/"+copied); n > 0 {
		t.Errorf("another's post was looked into %d times", n)
	}
	// What cannot be listed is no answer.
	s.SetPermissions(room, discordtest.Usual&^discordtest.ReadMessageHistory)
	if _, _, err := p.Find(t.Context(), post(99), begun); !errors.Is(err, bot.ErrBlind) {
		t.Errorf("blind: %v", err)
	}
}
