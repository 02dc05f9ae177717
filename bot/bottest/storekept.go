package bottest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

func (s storeSuite) kept(t *testing.T) {
	keep := func(key, text string, ttl time.Duration) {
		t.Helper()
		if err := s.Keep(s.ctx, key, text, ttl); err != nil {
			t.Fatalf("Keep(%q): %v", key, err)
		}
	}
	want := func(key, text string) {
		t.Helper()
		if got, err := s.Kept(s.ctx, key); got != text || err != nil {
			t.Fatalf("Kept(%q) = %.40q, %v; want %.40q", key, got, err, text)
		}
	}
	gone := func(key string) {
		t.Helper()
		if got, err := s.Kept(s.ctx, key); got != "" || !errors.Is(err, news.ErrNotFound) {
			t.Fatalf("Kept(%q) = %.40q, %v; want news.ErrNotFound", key, got, err)
		}
	}
	long := strings.Repeat("\"深度求索\" since:7d ", 200)
	gone("a")
	keep("a", "one", time.Minute)
	keep("b", long, time.Hour)
	want("a", "one")
	want("b", long)
	gone("c")
	s.clock.advance(time.Minute - time.Millisecond)
	want("a", "one")
	s.clock.advance(time.Millisecond)
	gone("a")
	keep("a", "two", time.Minute)
	s.clock.advance(30 * time.Second)
	keep("a", "three", time.Minute) // in its place, and longer
	s.clock.advance(30 * time.Second)
	want("a", "three")
	want("b", long)
	s.clock.advance(time.Hour)
	gone("a")
	gone("b")

	// What is replaced, or has ended, counts once or not at all.
	for range 10 {
		keep("last", "again", 2*time.Hour)
	}
	var wg sync.WaitGroup
	const side = 64 // by side
	for first := range side {
		wg.Go(func() {
			for i := first; i < bot.KeptMost-1; i += side {
				if err := s.Keep(s.ctx, fmt.Sprint("k", i), fmt.Sprint("text ", i), time.Hour+time.Duration(i)*time.Millisecond); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want("k0", "text 0")
	keep("one more", "more", time.Second) // the first to end, but the last to come
	gone("k0")
	want("k1", "text 1")
	want(fmt.Sprint("k", bot.KeptMost-2), fmt.Sprint("text ", bot.KeptMost-2))
	want("last", "again")
	want("one more", "more")
	s.clock.advance(time.Second)
	keep("another", "another", time.Hour)
	want("k1", "text 1")
	gone("one more")
}
