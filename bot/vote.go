package bot

import (
	"cmp"
	"context"
	"slices"
	"time"

	"newsdesk/news"
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

func (b *Bot) useful(ctx context.Context, q question) (Card, error) { return b.vote(ctx, q, true) }
func (b *Bot) noise(ctx context.Context, q question) (Card, error)  { return b.vote(ctx, q, false) }

// vote keeps what a person thinks of a story in the channel.
func (b *Bot) vote(ctx context.Context, q question, useful bool) (Card, error) {
	s, err := b.one(ctx, q)
	if err != nil {
		return Card{}, err
	}
	if _, err := q.person(); err != nil {
		return Card{}, err
	}
	err = b.o.Store.SaveVote(ctx, Vote{Channel: q.Channel, Story: s.ID, User: q.User, Useful: useful, Topics: s.Topics, At: q.now})
	if err != nil {
		return Card{}, writing(err)
	}
	votes, err := b.o.Store.Votes(ctx, q.Channel, q.now.Add(-VoteTime))
	if err != nil {
		return Card{}, &unsure{err}
	}
	here, _ := Count(slices.DeleteFunc(votes, func(v Vote) bool { return v.Story != s.ID }))
	return VoteCard(q.lang, s, useful, here), nil
}

// VoteCard thanks for a vote. here counts the votes on the story in the channel.
func VoteCard(l Lang, s news.Story, useful bool, here Tally) Card {
	c := Card{Title: l.T("Noted as noise"), Footer: l.T("Newsdesk · story %s", s.ID)}
	other := Button{Label: l.T("Useful after all"), Line: cmdUseful + " " + s.ID}
	if useful {
		c.Title, other = l.T("Noted as useful"), Button{Label: l.T("Noise after all"), Line: cmdNoise + " " + s.ID}
	}
	c.Text = sentence(s.Headline) + " " + l.T("In this channel it is useful to %d and noise to %d.", here.Useful, here.Noise)
	c.Buttons = []Button{other}
	return c
}

// votesLine reads "12 useful, 3 noise; most noise: OpenAI (3)", "" without votes.
func votesLine(l Lang, votes []Vote) string {
	all, topics := Count(votes)
	if all.Useful+all.Noise == 0 {
		return ""
	}
	line := l.T("%d useful, %d noise", all.Useful, all.Noise)
	most := Tally{}
	for _, t := range topics {
		if t.Noise > max(most.Noise, t.Useful) {
			most = t
		}
	}
	if most.Noise > 1 {
		line += l.T("; most noise: %s (%d of %d)", topicNames([]string{most.Topic}, 1)[0], most.Noise, most.Noise+most.Useful)
	}
	return line
}
