// Package bot owes messages to channels and answers people. It names no chat
// platform: adapters implement [Platform], and engines implement [Store].
//
// # The life of a delivery
//
//	(absent) --enqueue--> pending --claim--> sending --posted------> sent(message)
//	                       ^  |  ^             |  \--rejected-----> dead(reason)
//	                       |  |  |             |   \-throttled----> pending(not before)
//	                       |  |  |             |    \-nothing left-> moot(into)
//	                       |  |  |             `- no answer, kill -9: the lease runs out, or it is
//	                       |  |  |                settled as sending -> claimed again, IN DOUBT
//	                       |  |  |                    Find: there -> sent;  absent -> post again, same key
//	                       |  |  `-- operator: retry, of what is dead
//	                       |  `----- folded into a catch-up --------> moot(into)
//	                       `-------- the catch-up, in the place of what it tells
//
// A delivery's ID is made from its channel, kind and story ([DeliveryID]).
// Deciding twice is therefore harmless: the outbox takes an ID once and for
// ever, and its ledger of IDs outlives deliveries and stories ([Store].Forget).
// The claim is stored before the request leaves. A definite answer of the
// platform is a result; anything else leaves the delivery in doubt, and in
// doubt nothing is posted before the platform was asked whether it has it.
// Where the platform cannot show its history, the channel's order says which
// error to make ([Doubt]): to hold the message for the operator, since a
// missing post can be retried and a double one not taken back, or to repost.
//
// # The kinds
//
// A story is posted once. When its status changes its channels are owed a
// follow-up, an answer to that message; when it grows, an edit of it
// ([Updates]). Edits are coalesced into windows of time, may be repeated
// without harm, and wait in a lane of their own. A digest lists a day's
// stories. What piled up, as in an outage, becomes one catch-up. Who ordered a
// channel's news is owed advice now and then, by direct message ([Advise]).
//
// # Order and shards
//
// Deliveries of one lane ([Delivery.Lane]) go one after the other in the order
// of Enqueue; channels go side by side. Where a platform takes one message of a
// channel in a time, its lane rests in between ([Rester]). The outbox has 64 shards by channel;
// replicas hold them by lease, so that each channel is delivered by one of
// them. That only spreads the work: what keeps a message single is the claim.
//
// # Suspended and halted
//
// A channel that refuses the bot is suspended: what it is owed waits, who
// manages it is told once a day ([Teller]), and it is looked at again ever
// less often until nothing is missing, or until /news resume. A platform that
// refuses everything, or one workspace of it ([Channel.Space]), is left alone
// for a time ([Deliverer.Halted]); a message that makes it do so while others
// pass is given up. Where a workspace has let the bot in again, its channels
// are resumed at once ([ResumeSpace]).
//
// # Crashes
//
// The dispatcher moves its cursor after the deliveries are stored, so a crash
// decides again. A deliverer that dies leaves claims that run out. A worker
// that sleeps past its lease cannot settle any more: its token is stale. A
// command that was answered twice by the platform's redelivery is dropped by
// Once. bottest.Explore walks through every crash and answer.
//
// Two residues remain. A moderator who deletes the post between a lost answer
// and the search for it makes the bot post again. And a machine that is
// suspended between its claim and its request for longer than the lease may
// send the request after another posted: Discord drops the second by its
// nonce for a few minutes; Slack and the posts of Discord's forums have nothing
// like it.
package bot

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// DeliveryID identifies what a channel is owed: 24 characters of base32, which
// fit a Discord nonce. subject is the story, or the date of a digest.
func DeliveryID(c Channel, kind, subject string) string {
	sum := sha256.Sum256([]byte(string(c) + "\x00" + kind + "\x00" + subject))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:24]
}
