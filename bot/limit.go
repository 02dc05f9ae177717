package bot

import (
	"context"
	"crypto/rand"
	"math"
	"sync"
	"time"
)

// A Limit is one that a platform sets: at most Most requests in any stretch of
// Per.
type Limit struct {
	Key  string // names it, the same on every replica: "discord 6f2a all"
	Most int
	Per  time.Duration
}

// A Limiter shares the limits of a bot token among all replicas.
//
// It counts a request from the moment when it was let go until Per after its
// answer came. The platform counts it somewhere in between, so that no stretch
// of Per holds more than Most there, however long requests are on their way,
// and whether its windows stand still or slide.
//
// bottest.Limiter is the conformance suite of every implementation.
type Limiter interface {
	// Take takes a turn. Where the limit is used up or paused there is none,
	// and wait says after which time to ask again. A turn that is never given
	// back is taken back after hold.
	Take(ctx context.Context, l Limit, hold time.Duration) (turn string, wait time.Duration, err error)
	// Done gives a turn back: it is free again when Per, less early, has
	// passed; see Queue.
	Done(ctx context.Context, l Limit, turn string, early time.Duration) error
	// Undo gives back a turn whose request was not sent: it is free at once.
	Undo(ctx context.Context, l Limit, turn string) error
	// Pause lets nobody take a turn of key for d; a longer pause holds.
	Pause(ctx context.Context, key string, d time.Duration) error
}

// NewLimiter makes a Limiter for one process.
func NewLimiter(now func() time.Time) Limiter {
	return &limiter{now: now, keys: map[string]*turns{}}
}

type limiter struct {
	now  func() time.Time
	mu   sync.Mutex
	keys map[string]*turns
}

// turns are those of one key that are taken, with the time when each is free.
type turns struct {
	free   map[string]time.Time
	paused time.Time
}

// limitKeysMax is how many keys are kept before those at rest are forgotten.
const limitKeysMax = 4096

func (l *limiter) Take(ctx context.Context, limit Limit, hold time.Duration) (string, time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, k := l.now(), l.key(limit.Key)
	if wait := k.paused.Sub(now); wait > 0 {
		return "", wait, nil
	}
	var first time.Time
	for turn, free := range k.free {
		if !now.Before(free) {
			delete(k.free, turn)
		} else if first.IsZero() || free.Before(first) {
			first = free
		}
	}
	if len(k.free) >= limit.Most {
		// Those whose answer comes now are free long before their hold ends.
		return "", min(first.Sub(now), limit.Per/2), nil
	}
	turn := rand.Text()
	k.free[turn] = now.Add(hold)
	return turn, 0, nil
}

func (l *limiter) Done(ctx context.Context, limit Limit, turn string, early time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.key(limit.Key); !k.free[turn].IsZero() {
		k.free[turn] = l.now().Add(limit.Per - early)
	}
	return ctx.Err()
}

func (l *limiter) Undo(ctx context.Context, limit Limit, turn string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.key(limit.Key).free, turn)
	return ctx.Err()
}

func (l *limiter) Pause(ctx context.Context, key string, d time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k, until := l.key(key), l.now().Add(d); until.After(k.paused) {
		k.paused = until
	}
	return ctx.Err()
}

// key returns the turns of a key; l.mu is held.
func (l *limiter) key(name string) *turns {
	if k := l.keys[name]; k != nil {
		return k
	}
	if len(l.keys) >= limitKeysMax {
		now := l.now()
		for name, k := range l.keys {
			for turn, free := range k.free {
				if !now.Before(free) {
					delete(k.free, turn)
				}
			}
			if len(k.free) == 0 && !now.Before(k.paused) {
				delete(l.keys, name)
			}
		}
	}
	k := &turns{free: map[string]time.Time{}}
	l.keys[name] = k
	return k
}

// A Queue brings the requests of one process to a limit in the order in which
// they came, and sends those home that would stand in it for long.
type Queue struct {
	limiter Limiter
	limit   Limit
	most    int           // who may stand in it
	head    chan struct{} // holds one: who asks the limiter

	mu      sync.Mutex
	waiting int
	free    time.Time // when those who were sent home are served, in turn
	answers int
	quick   time.Duration // the quickest of them
}

const (
	// queuePatience is how long a request that is at the head waits for a turn,
	// and queueTime what the queue may hold: those that are served within it.
	queuePatience = 2 * time.Second
	queueTime     = time.Second
	// turnHold is how long a turn is taken for a request whose process died:
	// longer than any request.
	turnHold = 30 * time.Second
	// earlyAfter is of how many answers the quickest counts as quick, and
	// earlyBlur how much quicker than it one may yet be.
	earlyAfter = 500
	earlyBlur  = 10 * time.Millisecond
	// turnTime is how long giving a turn back may take.
	turnTime = 2 * time.Second
)

// NewQueue makes a Queue to a limit.
func NewQueue(l Limiter, limit Limit) *Queue {
	pace := float64(limit.Most) / limit.Per.Seconds()
	return &Queue{limiter: l, limit: limit, most: int(math.Ceil(pace * queueTime.Seconds())), head: make(chan struct{}, 1)}
}

// Wait stands in line for a turn, which is to be given back with End. Where it
// is further off it takes none: wait says when to come again. That spreads those
// who are sent home over the time in which they can be served. err is that of
// ctx or of the limiter; then there is no turn either.
func (l *Queue) Wait(ctx context.Context) (t *Turn, wait time.Duration, err error) {
	if wait := l.enter(); wait > 0 {
		return nil, wait, nil
	}
	defer l.leave()
	select {
	case l.head <- struct{}{}:
		defer func() { <-l.head }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	return take(ctx, l.limiter, l.limit, l)
}

// enter joins the line, or returns after which time to come again.
func (l *Queue) enter() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting < l.most {
		l.waiting++
		return 0
	}
	each := l.limit.Per / time.Duration(l.limit.Most)
	now := time.Now()
	if soonest := now.Add(time.Duration(l.most) * each); l.free.Before(soonest) {
		l.free = soonest
	}
	l.free = l.free.Add(each)
	return l.free.Sub(now)
}

func (l *Queue) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting--
}

// Pause lets no request of any replica through for d.
func (l *Queue) Pause(ctx context.Context, d time.Duration) error {
	return l.limiter.Pause(ctx, l.limit.Key, d)
}

// TakeTurn waits for a turn of a limit that has no line, as Queue.Wait does.
func TakeTurn(ctx context.Context, l Limiter, limit Limit) (*Turn, time.Duration, error) {
	return take(ctx, l, limit, nil)
}

func take(ctx context.Context, l Limiter, limit Limit, queue *Queue) (*Turn, time.Duration, error) {
	deadline := time.Now().Add(queuePatience)
	for {
		id, wait, err := l.Take(ctx, limit, turnHold)
		if err != nil {
			return nil, 0, err
		}
		if id != "" {
			return &Turn{limiter: l, limit: limit, queue: queue, id: id, began: time.Now()}, 0, nil
		}
		if time.Now().Add(wait).After(deadline) {
			return nil, wait, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, 0, ctx.Err()
		}
	}
}

// A Turn is leave for one request. A nil Turn is one that needs none.
type Turn struct {
	limiter Limiter
	limit   Limit
	queue   *Queue
	id      string
	began   time.Time
}

// End gives the turn back; sent tells whether its request may have left. A
// limiter that cannot be reached takes the turn back by itself.
func (t *Turn) End(ctx context.Context, sent bool) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnTime)
	defer cancel()
	if !sent {
		t.limiter.Undo(ctx, t.limit, t.id)
		return
	}
	early := time.Duration(0)
	if t.queue != nil {
		early = t.queue.early(time.Since(t.began))
	}
	t.limiter.Done(ctx, t.limit, t.id, early)
}

// early is how much sooner than Per after its answer a turn may be free. Take
// the time to the platform as at least G and the rest of the way as at least R:
// a request that took T was counted at most T-R after it left, and the next one
// that takes its turn is counted at least G after it leaves. Both are Per apart
// where the next leaves Per-(G+R) after the answer of the first, and G+R is the
// quickest answer there ever is.
func (l *Queue) early(took time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answers++; l.answers == 1 || took < l.quick {
		l.quick = took
	}
	if l.answers < earlyAfter {
		return 0
	}
	return min(max(l.quick-earlyBlur, 0), l.limit.Per/2)
}
