// Package bot owes messages to channels and answers people. It names no chat
// platform: adapters implement [Platform], and engines implement [Store].
//
// # The life of a delivery
//
//	(absent) --enqueue--> pending --claim--> sending --posted------> sent(message)
//	                         ^                 |  \--rejected-----> dead(reason)
//	                         |                 |   \-throttled----> pending(not before)
//	                         |                 `- no answer, kill -9: the lease runs out, or it is
//	                         |                    settled as sending -> claimed again, IN DOUBT
//	                         |                        Find: there -> sent;  absent -> post again, same key
//	                         `-- operator: retry
//
// A delivery's ID is made from its channel, kind and story ([DeliveryID]).
// Deciding twice is therefore harmless: the outbox takes an ID once and for
// ever. The claim is stored before the request leaves. A definite answer of
// the platform is a result; anything else leaves the delivery in doubt, and in
// doubt nothing is posted before the platform was asked whether it has it.
// Where the platform cannot show its history the delivery is held for the
// operator: a missing post can be retried, a double one not taken back.
//
// # Crashes
//
// The dispatcher moves its cursor after the deliveries are stored, so a crash
// decides again. A deliverer that dies leaves claims that run out. A command
// that was answered twice by the platform's redelivery is dropped by Once.
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
