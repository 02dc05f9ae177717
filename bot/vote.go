package bot

import (
	"cmp"
	"slices"
	"time"
)

// A Vote is what one person thinks of one story in one channel.
type Vote struct {
	Channel Channel   `json:"channel"`
	Story   string    `json:"story"`
	User    string    `json:"user"` // the platform's id
	Useful  bool      `json:"useful"`
	Topics  []string  `json:"topics,omitempty"` // of the story when the vote was given
	At      time.Time `json:"at"`
}

// VoteTime is how long a vote counts.
const VoteTime = 90 * 24 * time.Hour

// A Tally counts votes.
type Tally struct {
	Topic         string // "" for all of them
	Useful, Noise int
}

// Count counts votes: in all, and by topic, those with the most votes first.
func Count(votes []Vote) (all Tally, topics []Tally) {
	by := map[string]*Tally{}
	for _, v := range votes {
		all.add(v)
		for _, t := range v.Topics {
			if by[t] == nil {
				by[t] = &Tally{Topic: t}
			}
			by[t].add(v)
		}
	}
	for _, t := range by {
		topics = append(topics, *t)
	}
	slices.SortFunc(topics, func(a, b Tally) int {
		return cmp.Or(b.Useful+b.Noise-a.Useful-a.Noise, cmp.Compare(a.Topic, b.Topic))
	})
	return all, topics
}

func (t *Tally) add(v Vote) {
	if v.Useful {
		t.Useful++
	} else {
		t.Noise++
	}
}
