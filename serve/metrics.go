package serve

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what a server counts, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec   // by endpoint and code
	seconds  *prometheus.HistogramVec // by endpoint
	batches  prometheus.Histogram
	samples  *prometheus.CounterVec // by endpoint
}

func newMetrics(queued, active func() float64) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stheno_requests_total", Help: "Requests that were answered, by endpoint and status code.",
		}, []string{"endpoint", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "stheno_request_seconds", Help: "Time from the header of a request to the end of its answer.",
			Buckets: prometheus.ExponentialBuckets(.0005, 2, 16),
		}, []string{"endpoint"}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "stheno_batch_samples", Help: "Samples that were computed together.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
		samples: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stheno_samples_total", Help: "Samples of requests that got a result, by endpoint.",
		}, []string{"endpoint"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.batches, m.samples,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "stheno_queue_requests", Help: "Requests that wait to be computed."}, queued),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "stheno_active_requests", Help: "Requests that are read, wait, or are computed or answered."}, active),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// watch counts the requests of an endpoint.
func (m *metrics) watch(endpoint string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		c := &codeWriter{ResponseWriter: w, code: http.StatusOK}
		defer func() {
			m.requests.WithLabelValues(endpoint, strconv.Itoa(c.code)).Inc()
			m.seconds.WithLabelValues(endpoint).Observe(time.Since(start).Seconds())
		}()
		h.ServeHTTP(c, r)
	})
}

// codeWriter remembers the status code.
type codeWriter struct {
	http.ResponseWriter
	code int
}

func (c *codeWriter) WriteHeader(code int) {
	c.code = code
	c.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (c *codeWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
