package news_test

import (
	"testing"
	"time"

	"newsdesk/news"
	"newsdesk/news/newstest"
)

func TestMemory(t *testing.T) {
	newstest.Store(t, func(_ *testing.T, now func() time.Time) news.Store { return news.NewMemory(now) })
}
