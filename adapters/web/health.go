package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"newsdesk/bot"
)

// health collects, at every scrape, how the feeds and the outbox are. It is
// what alerts are made of: a bot that stopped posting says so here.
type health struct {
	s          *Server
	feeds      *prometheus.Desc
	succeeded  *prometheus.Desc
	deliveries *prometheus.Desc
	suspended  *prometheus.Desc
	up         *prometheus.Desc
}

// deliveriesCounted bounds how many deliveries of a state a scrape counts.
const deliveriesCounted = 1000

// scrapeTime bounds what a scrape waits for the store.
const scrapeTime = 3 * time.Second

func newHealth(s *Server) *health {
	return &health{
		s:          s,
		feeds:      prometheus.NewDesc("newsdesk_feeds", "Feeds by state: ok, failing, or unread so far.", []string{"state"}, nil),
		succeeded:  prometheus.NewDesc("newsdesk_feeds_last_success_timestamp_seconds", "When any feed was last read.", nil, nil),
		deliveries: prometheus.NewDesc("newsdesk_deliveries", "Deliveries that are not sent, by state; 1000 means that many or more.", []string{"state"}, nil),
		suspended:  prometheus.NewDesc("newsdesk_channels_suspended", "Channels that receive nothing until something is mended there.", nil, nil),
		up:         prometheus.NewDesc("newsdesk_store_up", "1 while the store answers.", nil, nil),
	}
}

func (h *health) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{h.feeds, h.succeeded, h.deliveries, h.suspended, h.up} {
		ch <- d
	}
}

func (h *health) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	up := 1.0
	if sources, err := h.s.o.Desk.Sources(ctx); err != nil {
		up = 0
	} else {
		states := map[string]float64{"ok": 0, "failing": 0, "unread": 0}
		var last time.Time
		for _, src := range sources {
			for _, f := range src.States {
				switch {
				case f.Failures > 0:
					states["failing"]++
				case f.Succeeded.IsZero():
					states["unread"]++
				default:
					states["ok"]++
				}
				if f.Succeeded.After(last) {
					last = f.Succeeded
				}
			}
		}
		for state, n := range states {
			gauge(h.feeds, n, state)
		}
		if !last.IsZero() {
			gauge(h.succeeded, float64(last.UnixMilli())/1000)
		}
	}
	for _, state := range []bot.State{bot.Pending, bot.Sending, bot.Dead} {
		ds, err := h.s.o.Outbox.Deliveries(ctx, bot.DeliveryQuery{State: state, Limit: deliveriesCounted})
		if err != nil {
			up = 0
			break
		}
		gauge(h.deliveries, float64(len(ds)), string(state))
	}
	if suspended, err := h.s.o.Outbox.Suspensions(ctx); err != nil {
		up = 0
	} else {
		gauge(h.suspended, float64(len(suspended)))
	}
	gauge(h.up, up)
}
