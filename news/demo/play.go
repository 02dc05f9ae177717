package demo

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Clock tells the time of the sample day.
type Clock struct {
	speed float64
	began time.Time

	mu      sync.Mutex
	stopped time.Time
}

// NewClock returns a clock that runs from Start to End, speed times faster
// than real time, and stands still then.
func NewClock(speed float64) *Clock { return &Clock{speed: speed, began: time.Now()} }

// Now returns the time of the sample day.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped
	}
	t := Start().Add(time.Duration(float64(time.Since(c.began)) * c.speed))
	if t.After(End()) {
		return End()
	}
	return t
}

// Left returns how long it takes, in real time, until the day ends; 0 where it
// has.
func (c *Clock) Left() time.Duration {
	return time.Duration(float64(End().Sub(c.Now())) / c.speed)
}

// Stop makes the clock stand at t.
func (c *Clock) Stop(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = t
}

// Serve serves the sample feeds on a free port of loopback until stop is
// called. base is what Sources takes.
func Serve(now func() time.Time) (base string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serve the sample feeds: %w", err)
	}
	s := &http.Server{Handler: Handler(now), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(l)
	}()
	return "http://" + l.Addr().String(), func() { s.Close(); <-done }, nil
}
