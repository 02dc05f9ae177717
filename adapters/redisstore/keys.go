package redisstore

import "strings"

// keys makes the names of all keys.
type keys struct{ prefix string }

// lease is a hash: owner ("" once given up), fence, until. It has no expiry:
// a fence that was forgotten could come again.
func (k keys) lease(name string) string { return k.prefix + "lease:" + name }

// alias is a hash: article, story, source, until. It expires with the alias.
func (k keys) alias(key string) string { return k.prefix + "alias:" + key }

// article is a hash: json, story.
func (k keys) article(id string) string { return k.prefix + "article:" + id }

// members is a set of the ids of a story's articles.
func (k keys) members(story string) string { return k.prefix + "members:" + story }

// story is a hash: json (whose sequence counts for nothing), seq.
func (k keys) story(id string) string { return k.prefix + "story:" + id }

// sequence is a string, the last change sequence.
func (k keys) sequence() string { return k.prefix + "sequence" }

// changed is a sorted set of story ids by the sequence of their last change.
func (k keys) changed() string { return k.prefix + "changed" }

// updated is a sorted set of story ids by Story.Updated.
func (k keys) updated() string { return k.prefix + "updated" }

// feeds is a hash of news.FeedState by URL.
func (k keys) feeds() string { return k.prefix + "feeds" }

// cursors is a hash of numbers with 20 digits, which compare as strings, by name.
func (k keys) cursors() string { return k.prefix + "cursors" }

// once is a string, until when the key is remembered. It expires then.
func (k keys) once(key string) string { return k.prefix + "once:" + key }

// kept is a hash of texts by key. It expires with the last of them.
func (k keys) kept() string { return k.prefix + "kept" }

// keptEnds is a sorted set of the fields of kept by when they end. It expires
// with kept.
func (k keys) keptEnds() string { return k.prefix + "kept_ends" }

// subscriptions is a hash of bot.Subscription by channel "\0" id.
func (k keys) subscriptions() string { return k.prefix + "subscriptions" }

// subscriptionsVersion is a string, another with each change of subscriptions.
func (k keys) subscriptionsVersion() string { return k.prefix + "subscriptions_version" }

// installations is a hash of "version json" by space, where json is a
// bot.Installation and its version counts.
func (k keys) installations() string { return k.prefix + "installations" }

// secret is a string of 32 bytes.
func (k keys) secret() string { return k.prefix + "secret" }

// votes is a hash of bot.Vote by story "\0" user.
func (k keys) votes(c string) string { return k.prefix + "votes:" + c }

// voted is a sorted set of channel "\0" the field of votes by when it was given.
func (k keys) voted() string { return k.prefix + "voted" }

// delivery is a hash of one of fields by delivery.
func (k keys) delivery(field string) string { return k.prefix + "delivery:" + field }

// counter is a string from which deliveries get numbers, positions and tokens.
func (k keys) counter() string { return k.prefix + "counter" }

// outbox is a sorted set of all delivery ids by number.
func (k keys) outbox() string { return k.prefix + "outbox" }

// ofChannel is a sorted set of a channel's delivery ids by number.
func (k keys) ofChannel(c string) string { return k.prefix + "channel:" + c }

// ofStory is a sorted set of the ids of a story's deliveries by number.
func (k keys) ofStory(id string) string { return k.prefix + "deliveries:" + id }

// open is a sorted set of the ids of deliveries that are pending or sending by
// number; there is none of those that came to a good end, which would be nearly
// the outbox.
func (k keys) open() string { return k.prefix + "open" }

// dead is a sorted set of the ids of dead deliveries by number.
func (k keys) dead() string { return k.prefix + "dead" }

// known is a sorted set of the ids of deliveries that were forgotten by when.
func (k keys) known() string { return k.prefix + "known" }

// queue is a sorted set of the ids of a lane's deliveries that are pending or
// sending, by position.
func (k keys) queue(lane string) string { return k.prefix + "queue:" + lane }

// ready is a sorted set of a shard's lanes by when the head of their queue may
// be claimed. A lane is in it exactly where its queue holds something and its
// channel is not suspended.
func (k keys) ready(shard string) string { return k.prefix + "ready:" + shard }

// shards is a string: a bot.ShardTable as JSON.
func (k keys) shards() string { return k.prefix + "shards" }

// suspended is a hash of "since reason" by channel, with goneMark behind it
// where the channel is gone.
func (k keys) suspended() string { return k.prefix + "suspended" }

// turns is a sorted set of the turns of a limit that are taken by when each is
// free again. It expires with them.
func (k keys) turns(limit string) string { return k.prefix + "turns:" + limit }

// paused is a string, until when a limit is paused. It expires then.
func (k keys) paused(limit string) string { return k.prefix + "paused:" + limit }

// each applies a key function to all of ids.
func each(key func(string) string, ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = key(id)
	}
	return out
}

// subscriptionField is the field of a subscription; it sorts by channel, then id.
func subscriptionField(channel, id string) string { return strings.Join([]string{channel, id}, "\x00") }
