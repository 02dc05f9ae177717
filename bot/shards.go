package bot

import (
	"hash/fnv"
	"time"
)

// Shards is a set of the outbox's shards: bit n stands for shard n.
type Shards uint64

// The outbox is split by channel, so that replicas share the work and each
// channel is delivered by one of them.
const (
	ShardCount        = 64
	AllShards  Shards = 1<<ShardCount - 1
)

// Shard returns the number of the shard that c is in, below ShardCount.
func Shard(c Channel) int {
	h := fnv.New32a()
	h.Write([]byte(c))
	return int(h.Sum32() % ShardCount)
}

// Has reports whether shard n is in the set.
func (s Shards) Has(n int) bool { return s>>n&1 == 1 }

// A ShardTable says which replica has which shard. Engines store it, and read
// and write it in one atomic step.
type ShardTable struct {
	Until  map[string]time.Time `json:"until"`  // of each replica that delivers
	Owners [ShardCount]string   `json:"owners"` // of each shard; free where its owner is not in Until
}

// Hold gives owner its share for ttl from now, as [Store].Shards says.
func (t *ShardTable) Hold(owner string, ttl time.Duration, now time.Time) (held Shards) {
	for o, until := range t.Until {
		if !now.Before(until) {
			delete(t.Until, o)
		}
	}
	if ttl <= 0 {
		delete(t.Until, owner)
		return 0
	}
	if t.Until == nil {
		t.Until = map[string]time.Time{}
	}
	t.Until[owner] = now.Add(ttl)
	left := (ShardCount + len(t.Until) - 1) / len(t.Until)
	for n, o := range t.Owners {
		if o != owner {
			continue
		}
		if left == 0 {
			t.Owners[n] = ""
			continue
		}
		held |= 1 << n
		left--
	}
	for n, o := range t.Owners {
		if _, lives := t.Until[o]; left > 0 && !lives {
			t.Owners[n] = owner
			held |= 1 << n
			left--
		}
	}
	return held
}
