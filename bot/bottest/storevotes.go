package bottest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
)

func (s storeSuite) secret(t *testing.T) {
	const replicas = 8
	var all [replicas][]byte
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			var err error
			if all[i], err = s.Secret(s.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, b := range all {
		if len(b) != 32 || !bytes.Equal(b, all[0]) {
			t.Fatalf("Secret = %x and %x, want the same 32 bytes", all[0], b)
		}
	}
	if bytes.Equal(all[0], make([]byte, 32)) {
		t.Error("the secret is nothing but zeros")
	}
}

func (s storeSuite) votes(t *testing.T) {
	vote := func(c bot.Channel, story, user string, useful bool, after time.Duration) {
		t.Helper()
		v := bot.Vote{Channel: c, Story: story, User: user, Useful: useful, Topics: []string{"topic of " + story}, At: storeStart.Add(after)}
		if err := s.SaveVote(s.ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	want := func(c bot.Channel, since time.Duration, want ...string) {
		t.Helper()
		got, err := s.Votes(s.ctx, c, storeStart.Add(since))
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b bot.Vote) int { return cmp.Or(cmp.Compare(a.Story, b.Story), cmp.Compare(a.User, b.User)) })
		var names []string
		for _, v := range got {
			names = append(names, fmt.Sprintf("%s %s %t", v.Story, v.User, v.Useful))
			if v.Channel != c || len(v.Topics) != 1 || v.Topics[0] != "topic of "+v.Story || v.At.Before(storeStart.Add(since)) {
				t.Errorf("vote = %+v", v)
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("Votes of %s since %s = %q, want %q", c, since, names, want)
		}
	}
	want("test:a", 0)
	vote("test:a", "k1", "u1", true, 0)
	vote("test:a", "k1", "u2", true, time.Hour)
	vote("test:a", "k2", "u1", false, 2*time.Hour)
	vote("test:ab", "k1", "u1", false, 0)
	want("test:a", 0, "k1 u1 true", "k1 u2 true", "k2 u1 false")
	want("test:a", time.Hour, "k1 u2 true", "k2 u1 false")
	want("test:ab", 0, "k1 u1 false")
	vote("test:a", "k1", "u1", false, 3*time.Hour) // thought better of it
	want("test:a", 0, "k1 u1 false", "k1 u2 true", "k2 u1 false")

	forget := func(before time.Duration, want int) {
		t.Helper()
		if n, err := s.ForgetVotes(s.ctx, storeStart.Add(before)); n != want || err != nil {
			t.Errorf("ForgetVotes before %s = %d, %v; want %d", before, n, err, want)
		}
	}
	vote("test:a", "k3", "u3", true, bot.VoteTime+90*time.Minute) // forgets none by itself
	want("test:a", 0, "k1 u1 false", "k1 u2 true", "k2 u1 false", "k3 u3 true")
	forget(0, 0)              // before, not at, that time
	forget(90*time.Minute, 2) // also where nobody votes any more; what was thought better of counts from then
	want("test:a", 0, "k1 u1 false", "k2 u1 false", "k3 u3 true")
	want("test:ab", 0)
	forget(90*time.Minute, 0)
	vote("test:a", "k3", "u3", false, 0) // by a clock that was set back
	forget(time.Minute, 1)
	want("test:a", 0, "k1 u1 false", "k2 u1 false")

	// Many, over several steps of an engine.
	for i := range 1100 {
		vote(bot.Channel(fmt.Sprint("test:m", i%3)), fmt.Sprint("k", i), "u", true, 0)
	}
	forget(24*time.Hour, 1102)
	for i := range 3 {
		want(bot.Channel(fmt.Sprint("test:m", i)), 0)
	}
}
