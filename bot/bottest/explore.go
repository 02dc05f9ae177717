package bottest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
)

// ExploreOptions say what Explore explores.
type ExploreOptions struct {
	// Open returns an empty store that takes all time from now. Explore opens
	// a new one now and then, and closes those that have a Close.
	Open func(now func() time.Time) bot.Store
	// Semantics are those of the platform.
	Semantics Semantics
	// Depth is how many decisions of a run are made in every way there is;
	// what comes after them goes well.
	Depth int

	NoFind  bool // Find sees nothing: the mutant that shows what it is for
	NoNonce bool // the platform takes a key twice
	// Residue adds what the semantics are documented not to survive: see the
	// package comment of bot.
	Residue bool
}

// Semantics are how a platform treats what was sent to it.
type Semantics struct {
	Name string
	// Nonce is how long the platform recognises a key that it has seen, and
	// answers with the message that has it; 0 where it never does.
	Nonce time.Duration
	// Posts tells that it recognises no key of what begins a thread, as in a
	// forum, but of what stands in one.
	Posts bool
	// Late is how long after its connection broke a request may take effect.
	Late time.Duration
	// Stale tells that a request may leave after its claim ran out, as on a
	// machine that was suspended: harmless where there is a nonce.
	Stale bool
}

// The platforms: reference for the nonce is Discord's enforce_nonce, which
// looks back a few minutes. Slack has none and Discord's forums have none for
// their posts, so that a request must not land after the bot has looked for it.
var (
	DiscordSemantics = Semantics{Name: "discord", Nonce: 5 * time.Minute, Late: 25 * time.Second, Stale: true}
	ForumSemantics   = Semantics{Name: "forum", Nonce: 5 * time.Minute, Posts: true, Late: 5 * time.Second}
	SlackSemantics   = Semantics{Name: "slack", Late: 5 * time.Second}
)

// Explored is what Explore found.
type Explored struct {
	Plans      int
	Lost       int // plans after which a story or its follow-up is missing
	Twice      int // plans after which one is there twice
	Other      int // plans after which the order, the ledger or a thread is wrong, or nothing comes to rest
	Worst      string
	worstDepth int
}

func (e Explored) String() string {
	return fmt.Sprintf("%d plans: %d lost, %d twice, %d otherwise wrong", e.Plans, e.Lost, e.Twice, e.Other)
}

// storeRuns is how many plans share a store: each has channels and stories of
// its own, and leaves nothing that waits.
const storeRuns = 500

// Explore runs the real Dispatcher and Deliverer over a real store through
// every plan of crashes and answers up to a depth, in virtual time: whatever a
// store or a platform may answer, and every place where the process may die,
// is a decision. It walks the tree of decisions depth first; a run repeats
// the decisions of its plan, and takes the first alternative, that all goes
// well, wherever the plan says no more. What it finds wrong is counted, and the
// shortest such plan told in words.
func Explore(t testing.TB, o ExploreOptions) Explored {
	t.Helper()
	var found Explored
	clock := &storeClock{t: storeStart}
	var store bot.Store
	shut := func() {
		if c, ok := store.(interface{ Close() error }); ok {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var seq uint64
	fresh := true
	for plan, more := []int(nil), true; more; {
		if fresh || found.Plans%storeRuns == 0 {
			if store != nil {
				shut()
			}
			store, seq = o.Open(clock.now), 0
		}
		w := newWorld(t, o, store, clock, plan, found.Plans, seq)
		wrong := w.run()
		seq = w.seq
		found.add(w, wrong)
		fresh = len(wrong) > 0
		plan, more = nextPlan(w.made)
	}
	shut()
	return found
}

// A decision is one that a run made: which of its alternatives.
type decision struct {
	what         string
	choice       int
	alternatives []string
}

// nextPlan is the plan after the one whose decisions were made, depth first.
func nextPlan(made []decision) (plan []int, ok bool) {
	for i := len(made) - 1; i >= 0; i-- {
		if made[i].choice+1 < len(made[i].alternatives) {
			for _, d := range made[:i] {
				plan = append(plan, d.choice)
			}
			return append(plan, made[i].choice+1), true
		}
	}
	return nil, false
}

func (e *Explored) add(w *world, wrong []flaw) {
	e.Plans++
	kinds := map[flawKind]bool{}
	for _, f := range wrong {
		kinds[f.kind] = true
	}
	for kind, n := range map[flawKind]*int{lost: &e.Lost, twice: &e.Twice, otherwise: &e.Other} {
		if kinds[kind] {
			*n++
		}
	}
	if len(wrong) == 0 {
		return
	}
	faults := 0
	var b strings.Builder
	for _, d := range w.made {
		if d.choice > 0 {
			faults++
		}
		fmt.Fprintf(&b, "  %s: %s\n", d.what, d.alternatives[d.choice])
	}
	if e.Worst == "" || faults < e.worstDepth {
		e.worstDepth = faults
		e.Worst = b.String()
		for _, f := range wrong {
			e.Worst += "  -> " + f.text + "\n"
		}
		e.Worst += w.describe()
	}
}

// ExploreAll is the test of an engine: over both platforms' semantics nothing
// is lost and nothing comes twice, and with the parts that see to that taken
// away something does. NEWSDESK_EXPLORE sets another depth.
func ExploreAll(t *testing.T, open func(now func() time.Time) bot.Store) {
	depth := 5
	if v := os.Getenv("NEWSDESK_EXPLORE"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			t.Fatalf("NEWSDESK_EXPLORE is %q: want a depth such as 8", v)
		}
		depth = n
	}
	for _, tt := range []struct {
		name  string
		o     ExploreOptions
		twice bool
	}{
		{"discord", ExploreOptions{Semantics: DiscordSemantics}, false},
		{"slack", ExploreOptions{Semantics: SlackSemantics}, false},
		{"a forum of discord", ExploreOptions{Semantics: ForumSemantics}, false},
		{"a forum of discord without Find", ExploreOptions{Semantics: ForumSemantics, NoFind: true}, true},
		{"discord without Find", ExploreOptions{Semantics: DiscordSemantics, NoFind: true}, true},
		{"discord without the nonce", ExploreOptions{Semantics: DiscordSemantics, NoNonce: true}, true},
		{"slack without Find", ExploreOptions{Semantics: SlackSemantics, NoFind: true}, true},
		{"slack on a machine that sleeps", ExploreOptions{Semantics: SlackSemantics, Residue: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Open, tt.o.Depth = open, depth
			if tt.twice {
				tt.o.Depth = min(depth, 4) // enough to see that the check can fail
			}
			found := Explore(t, tt.o)
			t.Logf("depth %d, %v", tt.o.Depth, found)
			switch {
			case !tt.twice && found.Lost+found.Twice+found.Other > 0, found.Lost > 0:
				t.Errorf("the shortest plan that goes wrong:\n%s", found.Worst)
			case found.Twice == 0 && tt.twice:
				t.Error("nothing came twice: the explorer sees nothing")
			}
		})
	}
}
