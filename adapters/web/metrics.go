package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts what the doors answer.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	handler  http.Handler
}

// newMetrics registers the server's own counters and those of the Go runtime
// and the process, all under newsdesk_. What reg already has is shared.
func newMetrics(reg *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newsdesk_http_requests_total",
			Help: "Requests to the web adapter by door, method and status code.",
		}, []string{"door", "method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "newsdesk_http_request_seconds",
			Help:    "Time to answer a request to the web adapter, by door.",
			Buckets: []float64{.0005, .001, .005, .01, .05, .1, .5, 1, 3, 10},
		}, []string{"door"}),
		handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{}),
	}
	var err error
	if m.requests, err = register(reg, m.requests); err != nil {
		return nil, err
	}
	if m.seconds, err = register(reg, m.seconds); err != nil {
		return nil, err
	}
	prefixed := prometheus.WrapRegistererWithPrefix("newsdesk_", reg)
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if _, err := register(prefixed, c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// register registers c, or returns its twin that is registered already.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) (C, error) {
	err := reg.Register(c)
	if have, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if twin, ok := have.ExistingCollector.(C); ok {
			return twin, nil
		}
		return c, nil
	}
	return c, err
}

func (m *metrics) observe(door, method string, w *recorder, began time.Time) {
	switch method { // anybody can make up a method: keep the label's values few
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(door, method, strconv.Itoa(w.status())).Inc()
	m.seconds.WithLabelValues(door).Observe(time.Since(began).Seconds())
}

func (s *Server) exposition(w http.ResponseWriter, r *http.Request) error {
	s.metrics.handler.ServeHTTP(w, r)
	return nil
}

// A recorder remembers the status code of an answer.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) status() int {
	if r.code == 0 {
		return http.StatusOK
	}
	return r.code
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
