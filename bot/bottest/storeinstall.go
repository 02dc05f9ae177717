package bottest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/news"
)

func (s storeSuite) installations(t *testing.T) {
	if _, err := s.Installation(s.ctx, "test:T1"); !errors.Is(err, news.ErrNotFound) {
		t.Fatalf("an installation that never was: %v, want news.ErrNotFound", err)
	}
	want := func(versions ...string) {
		t.Helper()
		all, err := s.Installations(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range all {
			got = append(got, fmt.Sprint(i.Space, " ", i.Version))
		}
		if fmt.Sprint(got) != fmt.Sprint(versions) {
			t.Fatalf("Installations = %q, want %q", got, versions)
		}
	}
	save := func(i bot.Installation) bot.Installation {
		t.Helper()
		i, err := s.SaveInstallation(s.ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	fenced := func(i bot.Installation) {
		t.Helper()
		if _, err := s.SaveInstallation(s.ctx, i); !errors.Is(err, news.ErrFenced) {
			t.Fatalf("saved over another version: %v, want news.ErrFenced", err)
		}
	}
	want()
	full := bot.Installation{
		Space: "test:T2", Name: "Zwei", Enterprise: "E1", App: "A1", Bot: "B1", Installer: "U1", Scopes: "a,b", Installed: storeStart,
		Token: []byte{0, 1, 0xff}, Refresh: []byte("r"), Expires: storeStart.Add(time.Hour),
	}
	fenced(bot.Installation{Space: "test:T2", Version: 1}) // there is none to replace
	first := save(full)
	save(bot.Installation{Space: "test:T1", Installed: storeStart})
	want("test:T1 1", "test:T2 1")
	fenced(full) // it is not new any more
	got, err := s.Installation(s.ctx, "test:T2")
	if err != nil {
		t.Fatal(err)
	}
	full.Version = 1
	sameJSON(t, "the installation", got, full)
	sameJSON(t, "what was saved", first, full)
	ended := got
	ended.Token, ended.Refresh, ended.Ended, ended.Why = nil, nil, storeStart.Add(time.Minute), "it was removed"
	ended = save(ended)
	fenced(got)
	want("test:T1 1", "test:T2 2")
	if got, err = s.Installation(s.ctx, "test:T2"); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "the installation that ended", got, ended)

	var mu sync.Mutex
	var saved []string
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			i := got
			i.Name = fmt.Sprint(n)
			if _, err := s.SaveInstallation(s.ctx, i); err == nil {
				mu.Lock()
				saved = append(saved, i.Name)
				mu.Unlock()
			} else if !errors.Is(err, news.ErrFenced) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err = s.Installation(s.ctx, "test:T2"); err != nil || len(saved) != 1 || got.Name != saved[0] || got.Version != 3 {
		t.Errorf("%q of eight were saved over the same version, and %q stands as %d, %v; want one", saved, got.Name, got.Version, err)
	}
}
