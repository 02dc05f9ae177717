package news_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"newsdesk/news"
)

// consistent checks what must hold of every store: each article is in the
// story that says so, and what went into another story leads to it.
func consistent(t *testing.T, r *room, all []news.Story) {
	t.Helper()
	seen := map[string]string{}
	for _, s := range all {
		if s.Into != "" {
			if len(s.Articles) != 0 {
				t.Errorf("story %s went into %s and has %d articles", s.ID, s.Into, len(s.Articles))
			}
			if into, err := r.desk.Story(t.Context(), s.ID); err != nil || into.Into != "" || !slices.Contains(into.Took, s.ID) {
				t.Errorf("Story(%s) = %s that took %v, %v", s.ID, into.ID, into.Took, err)
			}
			continue
		}
		if len(s.Articles) == 0 {
			t.Errorf("story %s has no articles", s.ID)
		}
		for _, a := range s.Articles {
			if seen[a.ID] != "" {
				t.Errorf("article %s is in stories %s and %s", a.ID, seen[a.ID], s.ID)
			}
			seen[a.ID] = s.ID
			as, err := r.store.Articles(t.Context(), []string{a.ID})
			if err != nil || len(as) != 1 || as[0].Story != s.ID {
				t.Errorf("article %s of story %s says %+v, %v", a.ID, s.ID, as, err)
			}
		}
	}
}

// outage are reports of one event that begin with different words.
var outage = []string{
	"Nimbus cloud region in Dublin goes dark for hours",
	"Chat assistants stop answering across Europe",
	"Nimbus Dublin outage stops chat assistants across Europe for hours",
	"Nimbus apologises: Dublin cloud outage silenced chat assistants across Europe",
}

func TestStoriesMerge(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart=%v", restart), func(t *testing.T) {
			r := newRoom(t, "a", "b", "c", "d")
			var before []news.Story
			for i, title := range outage {
				if restart {
					r.restart()
				}
				r.web[r.srcs[i].Feeds[0]] = items(r.item(fmt.Sprint(i), title, ""))
				all := r.poll()
				consistent(t, r, all)
				if i == 1 {
					before = all
				}
			}
			if len(before) != 2 {
				t.Fatalf("the first two reports are %d stories already: %+v", len(before), before)
			}
			all := r.poll()
			var alive, gone []news.Story
			for _, s := range all {
				if s.Into == "" {
					alive = append(alive, s)
				} else {
					gone = append(gone, s)
				}
			}
			if len(alive) != 1 || len(gone) != 1 || len(alive[0].Articles) != 4 || alive[0].ID != before[0].ID {
				t.Fatalf("alive %+v, gone %+v; want the older story with all four articles", alive, gone)
			}
			if found, err := r.desk.Search(t.Context(), news.Query{Text: "chat assistants", Limit: 10}); err != nil || len(found.Stories) != 1 {
				t.Errorf("a search finds %d stories, %v", len(found.Stories), err)
			}
			// What repeats an article of the story that is gone belongs to the one that took it.
			copied := r.item("1", outage[1], "") // the URL of the second report
			copied.GUID = "again"
			r.web[r.srcs[3].Feeds[0]] = items(copied)
			r.restart()
			all = r.poll()
			consistent(t, r, all)
			if s, err := r.desk.Story(t.Context(), gone[0].ID); err != nil || s.ID != alive[0].ID || len(s.Articles) != 5 {
				t.Errorf("after a copy: %+v, %v", s, err)
			}
		})
	}
}

// TestMergeSurvivesAFailedCommit lets the store refuse the commit of a merge
// once: the next poll makes it.
func TestMergeSurvivesAFailedCommit(t *testing.T) {
	r := newRoom(t, "a", "b", "c", "d")
	f := &failing{Store: r.store}
	r.store = f
	r.restart()
	for i, title := range outage {
		r.web[r.srcs[i].Feeds[0]] = items(r.item(fmt.Sprint(i), title, ""))
		f.commits, f.err = 1, errors.New("down")
		r.poll()
		consistent(t, r, r.poll())
	}
	if s, err := r.desk.Story(t.Context(), r.poll()[0].ID); err != nil || len(s.Articles) != 4 {
		t.Errorf("%+v, %v; want one story of four articles", s, err)
	}
}

// TestStoriesSplit begins with a story that holds the reports of two events, as
// if they had been taken for one.
func TestStoriesSplit(t *testing.T) {
	r := newRoom(t, "a", "b", "c", "d", "e", "f", "g", "h")
	reports := []string{
		"Halcyon raises 40 million dollars led by Birch Fund", "Birch Fund leads 40 million dollar round of Halcyon", "Halcyon gets 40 million dollars from Birch Fund",
		"Robot arm injures worker at Leipzig plant", "Leipzig plant stops robot arm after worker is injured", "Worker injured by robot arm at Leipzig plant",
	}
	for i, title := range reports {
		r.web[r.srcs[i].Feeds[0]] = items(r.item(fmt.Sprint(i), title, ""))
		r.poll()
	}
	all := r.poll()
	if len(all) != 2 || len(all[0].Articles) != 3 {
		t.Fatalf("want two stories of three reports, got %+v", all)
	}
	ctx := t.Context()
	fence, held, err := r.store.Lease(ctx, news.DeskLease, "desk", time.Minute)
	if !held || err != nil {
		t.Fatal(held, err)
	}
	one, two := all[0], all[1]
	as, err := r.store.Articles(ctx, []string{two.Articles[0].ID, two.Articles[1].ID, two.Articles[2].ID})
	if err != nil {
		t.Fatal(err)
	}
	for i := range as {
		as[i].Story = one.ID
	}
	one.Articles, one.Took = append(one.Articles, two.Articles...), []string{two.ID}
	gone := news.Story{ID: two.ID, Into: one.ID, Updated: two.Updated}
	if err := r.store.Commit(ctx, &news.Batch{Fence: fence, Articles: as, Stories: []news.Story{one, gone}}); err != nil {
		t.Fatal(err)
	}
	r.restart()
	r.web[r.srcs[6].Feeds[0]] = items(r.item("6", "Leipzig plant: robot arm injures a worker", ""))
	all = r.poll()
	consistent(t, r, all)
	var sizes []int
	for _, s := range all {
		if s.Into == "" {
			sizes = append(sizes, len(s.Articles))
		}
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{3, 4}) {
		t.Errorf("stories of %v reports, want the two events told apart", sizes)
	}
}

// TestCourse follows how the impact of a story rises with its outlets, and that
// a merge and a restart keep what it was before.
func TestCourse(t *testing.T) {
	r := newRoom(t, "a", "b", "c", "d")
	for i, title := range outage {
		r.web[r.srcs[i].Feeds[0]] = items(r.item(fmt.Sprint(i), title, ""))
		r.poll()
		r.restart()
	}
	for _, s := range r.poll() {
		if s.Into != "" {
			continue
		}
		n := len(s.Course)
		if n < 3 || s.Course[n-1].Impact != s.Impact || s.Course[0].Impact >= s.Impact || !s.Course[0].At.Before(s.Course[1].At) {
			t.Errorf("course %v of a story of impact %d", s.Course, s.Impact)
		}
	}
}
