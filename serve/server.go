package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Server answers requests about a model. Any number of goroutines can use it at the same
// time.
type Server struct {
	o        Options
	model    Description
	parts    map[string]part
	domains  []graph.Domain         // of inputs that take whole numbers
	own      map[string][][]float32 // samples that are offered, flat rows by input; nil if there are none
	batcher  *batcher
	slots    chan struct{} // one is taken by each request for the model
	metrics  *metrics
	handler  http.Handler
	stopping atomic.Bool
	served   atomic.Int64
	samplesN atomic.Int64
	once     sync.Once
}

// New returns a server of a model, which stays the caller's and must be open until the
// server is closed. It compiles the net for the sizes of its batches.
func New(ae *stheno.Autoencoder, o Options) (*Server, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	d, parts, domains, err := describe(ae, o.Name)
	if err != nil {
		return nil, err
	}
	s, err := newServer(d, parts, domains, ae.Output, o)
	if err == nil {
		s.warmUp()
	}
	return s, err
}

// warmUp computes each part once for each size of a batch, so that the net is compiled when
// the first requests come. Of samples of zeros an error says nothing.
func (s *Server) warmUp() {
	for _, p := range s.parts {
		if p.random {
			continue
		}
		for _, size := range s.batcher.sizes {
			var in []vm.Array
			for _, name := range append([]string{graph.InputX}, p.needs...) {
				shape, _ := s.shape(name)
				in = append(in, vm.Array{Name: name, Shape: append([]int{size}, shape...), Data: make([]float32, size*graph.Shape(shape).Size())})
			}
			s.batcher.compute(p.Output.Name, in[0].Data, in[1:]...)
		}
	}
}

func newServer(d Description, parts map[string]part, domains []graph.Domain, c compute, o Options) (*Server, error) {
	s := &Server{o: o, model: d, parts: parts, domains: domains, slots: make(chan struct{}, o.Queue)}
	s.metrics = newMetrics(func() float64 { return float64(len(s.batcher.jobs)) }, func() float64 { return float64(len(s.slots)) })
	var err error
	if s.own, err = s.offered(o.Samples); err != nil {
		return nil, err
	}
	handler, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler = handler
	s.batcher = newBatcher(c, o, func(n int) { s.metrics.batches.Observe(float64(n)) })
	return s, nil
}

// Close frees what the server holds. Requests that wait are told to come back; Serve has
// answered them all when it returns.
func (s *Server) Close() error {
	if s != nil && s.batcher != nil {
		s.once.Do(s.batcher.close)
	}
	return nil
}

// Served returns how many requests for the model have got a result, and of how many
// samples.
func (s *Server) Served() (requests, samples int64) { return s.served.Load(), s.samplesN.Load() }

// Model describes the model, as GET /v1/model does.
func (s *Server) Model() Description { return s.model }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s == nil || s.handler == nil {
		fail(http.StatusInternalServerError, "serve: no server: create it with New").write(w)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// routes are the paths of the server. A browser may not call them from a page of another
// server.
func (s *Server) routes() (http.Handler, error) {
	page, err := s.page()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	handle := func(path, endpoint, methods string, f http.HandlerFunc) {
		mux.Handle(path, s.metrics.watch(endpoint, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if allowed := strings.Split(methods, ", "); !slices.Contains(allowed, r.Method) {
				w.Header().Set("Allow", methods)
				fail(http.StatusMethodNotAllowed, "the method is %s: %s takes %s", r.Method, r.URL.Path, methods).write(w)
				return
			}
			f(w, r)
		})))
	}
	const get = "GET, HEAD"
	for _, e := range endpoints {
		handle("/v1/"+e.name, e.name, "POST", func(w http.ResponseWriter, r *http.Request) { s.ask(w, r, e.name) })
	}
	handle("/v1/model", "model", get, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.model) })
	handle("/v1/samples", "samples", get, s.examples)
	handle("/healthz", "healthz", get, s.health)
	handle("/metrics", "metrics", get, s.metrics.handler().ServeHTTP)
	handle("/{$}", "page", get, page)
	mux.Handle("/", s.metrics.watch("other", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail(http.StatusNotFound, "there is no %.100q here: see /, /v1/encode, /v1/reconstruct, /v1/score, /v1/model, /v1/samples, /healthz, /metrics", r.URL.Path).write(w)
	})))
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(http.StatusForbidden, "a page of another server may not ask this one").write(w)
	}))
	return same.Handler(mux), nil
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", typeJSON)
	json.NewEncoder(w).Encode(v) // a client that is gone reads nothing
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	if s.stopping.Load() {
		busy("the server is stopping").write(w)
		return
	}
	writeJSON(w, map[string]string{"status": "ok"})
}

// ask answers a request for the model.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, endpoint string) {
	p, ok := s.parts[endpoint]
	if !ok {
		fail(http.StatusNotFound, "%s: the model has no such output; it answers %s", endpoint, s.endpointNames()).write(w)
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		s.full().write(w)
		return
	}
	body, n, f := s.result(w, r, p)
	if f != nil {
		f.write(w)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	s.served.Add(1)
	s.samplesN.Add(int64(n))
	s.metrics.samples.WithLabelValues(endpoint).Add(float64(n))
	w.Write(body) // a client that is gone reads nothing
}

// result reads a request and waits for its result: the body of the answer, whose type it
// sets, for n samples.
func (s *Server) result(w http.ResponseWriter, r *http.Request, p part) (body []byte, n int, f *failure) {
	from, f := format(r)
	if f != nil {
		return nil, 0, f
	}
	to, f := wanted(r, from)
	if f != nil {
		return nil, 0, f
	}
	j, f := s.enqueue(w, r, p, from)
	if f != nil {
		return nil, 0, f
	}
	defer j.cancel()
	var out result
	select {
	case out = <-j.done:
	case <-s.batcher.quit:
		return nil, 0, busy("the server has ended")
	case <-j.ctx.Done():
		if r.Context().Err() != nil {
			return nil, 0, fail(statusClientGone, "the client has gone")
		}
		return nil, 0, fail(http.StatusGatewayTimeout, "there was no result after %v", s.o.Timeout)
	}
	if out.err != nil {
		return nil, 0, fail(http.StatusUnprocessableEntity, "the model cannot compute this: %v", out.err)
	}
	if body, f = answer(out.values, append([]int{j.n}, p.Shape...), to); f != nil {
		return nil, 0, f
	}
	w.Header().Set("Content-Type", to)
	return body, j.n, nil
}

// statusClientGone is for the metrics: nobody reads the answer.
const statusClientGone = 499

// enqueue reads a request and queues its job.
func (s *Server) enqueue(w http.ResponseWriter, r *http.Request, p part, from string) (*job, *failure) {
	if r.ContentLength > s.o.MaxBody {
		return nil, unread(&http.MaxBytesError{Limit: s.o.MaxBody})
	}
	s.batcher.arriving.Add(1)
	defer s.batcher.arriving.Add(-1)
	in, f := s.samples(http.MaxBytesReader(w, r.Body, s.o.MaxBody), from, p)
	if f != nil {
		return nil, f
	}
	j := &job{part: p, n: in[0].Shape[0], in: in, done: make(chan result, 1)}
	j.ctx, j.cancel = context.WithTimeout(r.Context(), s.o.Timeout)
	if !s.batcher.submit(j) {
		j.cancel()
		return nil, s.full()
	}
	return j, nil
}

func (s *Server) full() *failure {
	return busy("%d requests are being served, as many as the server takes: come back later", cap(s.slots))
}

func (s *Server) endpointNames() string {
	var names []string
	for _, o := range s.model.Outputs {
		names = append(names, o.Endpoint)
	}
	return strings.Join(names, ", ")
}
