package redisstore_test

import (
	"testing"
	"time"

	"newsdesk/bot"
	"newsdesk/bot/bottest"
)

// TestExplore walks through every plan of crashes and answers.
func TestExplore(t *testing.T) {
	url := realRedis(t)
	bottest.ExploreAll(t, func(now func() time.Time) bot.Store { return open(t, url, now) })
}
