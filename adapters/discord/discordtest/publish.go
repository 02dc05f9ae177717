package discordtest

import (
	"net/http"
	"time"
)

// crossposted is the flag of a message that was published:
// discord.com/developers/docs/resources/message#message-object-message-flags.
const crossposted = 1 << 0

// Published reports whether the message went to the channels that follow its own.
func (m Message) Published() bool { return m.Flags&crossposted != 0 }

// publishes are how many messages of a channel are published in an hour, as it
// is known from what bots see: it is documented nowhere.
const publishes = 10

// crosspost publishes a message of an announcement channel. At the limit the
// header says a second and the body what is true
// (github.com/discord/discord-api-docs/issues/6109).
func (s *Server) crosspost(w http.ResponseWriter, r *http.Request) {
	if no := s.admit(w, r, true); no != nil {
		no.write(w)
		return
	}
	s.mu.Lock()
	c, m, no := s.find(r)
	var wait time.Duration
	switch {
	case no != nil:
	case c.Type != typeAnnouncement:
		no = refuse(50024)
	case m.Author != s.UserID || !c.may(SendMessages):
		no = refuse(50013)
	case m.Flags&crossposted != 0:
		no = refuse(40033)
	case s.knobs.publishRefusal != 0:
		no = refuse(s.knobs.publishRefusal)
	default:
		most, per := publishes, time.Hour
		if s.limits.published > 0 {
			most, per = s.limits.published, s.limits.publishWindow
		}
		if left, ends := c.published.take(most, per); left < 0 {
			wait = ends
			s.refused429()
		} else {
			m.Flags |= crossposted
		}
	}
	var answer any
	if no == nil {
		answer = s.show(m)
	}
	lose := no == nil && wait == 0 && s.knobs.losePublishes > 0
	if lose {
		s.knobs.losePublishes--
	}
	s.mu.Unlock()
	switch {
	case no != nil:
		no.write(w)
	case lose:
		panic(http.ErrAbortHandler)
	case wait > 0:
		setLimitHeaders(w, time.Second, "user")
		writeJSON(w, http.StatusTooManyRequests, map[string]any{"message": "You are being rate limited.", "retry_after": wait.Seconds(), "global": false})
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// LimitPublishing sets how many messages of a channel are published in a
// window of time; ten in an hour otherwise.
func (s *Server) LimitPublishing(n int, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.published, s.limits.publishWindow = n, window
}

// RefusePublishing answers every attempt to publish with the error of that
// code from now on; 0 ends it.
func (s *Server) RefusePublishing(code int) { s.turn(func(k *knobs) { k.publishRefusal = code }) }

// LosePublishing publishes the next n messages and cuts the connection
// unanswered.
func (s *Server) LosePublishing(n int) { s.turn(func(k *knobs) { k.losePublishes = n }) }
