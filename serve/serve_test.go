package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// untrained is a model with its first weights.
func untrained(t testing.TB, m stheno.Model) *stheno.Autoencoder {
	t.Helper()
	ae, err := stheno.New(m, stheno.Options{Params: graph.NewParams(graph.Float32, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ae.Close()) })
	return ae
}

var small = dense.Config{Input: 16, Hidden: []int{8, 2}}

// server serves a model.
func server(t testing.TB, ae *stheno.Autoencoder, o Options) *Server {
	t.Helper()
	s, err := New(ae, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// values are n values from 0 to 1.
func values(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()
	}
	return x
}

// jsonOf is the body of a request for samples of a shape.
func jsonOf(x []float32, shape ...int) string {
	n := len(x) / graph.Shape(shape).Size()
	b, _ := appendNested([]byte(`{"x":`), x, append([]int{n}, shape...))
	return string(b) + "}"
}

// npyOf is the same as npy.
func npyOf(t testing.TB, x []float32, shape ...int) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, data.WriteNPY(&b, data.Array{Name: "x", Shape: shape, Values: x}, data.NPYFloat32))
	return b.String()
}

// post sends a request to a handler.
func post(h http.Handler, path, kind, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// resultOf reads an answer in either format, flat.
func resultOf(t testing.TB, w *httptest.ResponseRecorder) (values []float32, shape []int) {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	if w.Header().Get("Content-Type") == typeNPY {
		a, err := data.ReadNPY(w.Body, "answer")
		require.NoError(t, err)
		return a.Values, append([]int{len(a.Values) / graph.Shape(a.Shape).Size()}, a.Shape...)
	}
	var got struct {
		Shape  []int
		Values json.RawMessage
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	values, nested, err := numbers("values", got.Values)
	require.NoError(t, err)
	require.Equal(t, got.Shape, nested)
	return values, nested
}

func TestAnswersAreThoseOfTheLibrary(t *testing.T) {
	const n = 21 // a batch of 16, and one of 4 and of 1
	image := []int{1, 6, 6}
	for name, c := range map[string]struct {
		model stheno.Model
		shape []int
	}{
		"dense": {small, []int{16}},
		"conv":  {conv.Config{Size: graph.Pair{6, 6}, Encoder: []int{4, 3}}, image},
		"vae":   {vae.Config{Input: 16, Hidden: []int{8}, Latent: 3}, []int{16}},
	} {
		t.Run(name, func(t *testing.T) {
			ae := untrained(t, c.model)
			s := server(t, ae, Options{})
			size := graph.Shape(c.shape).Size()
			x := values(n*size, 1)
			for _, e := range endpoints {
				want, err := ae.Output(e.output, x)
				require.NoError(t, err)
				shape, ok := ae.Shape(e.output)
				require.True(t, ok)
				for kind, body := range map[string]string{typeJSON: jsonOf(x, c.shape...), "application/json; charset=utf-8": jsonOf(x, size), typeNPY: npyOf(t, x, c.shape...), typeBytes: npyOf(t, x, size)} {
					got, gotShape := resultOf(t, post(s, "/v1/"+e.name, kind, body))
					require.InDeltaSlice(t, want, got, 1e-6, "%s as %s", e.name, kind)
					require.Equal(t, append([]int{n}, shape...), gotShape)
				}
			}
		})
	}
}

func TestTheAnswerHasTheAcceptedType(t *testing.T) {
	s := server(t, untrained(t, small), Options{})
	for accept, want := range map[string]string{
		"": typeJSON, "*/*": typeJSON, typeNPY: typeNPY, typeBytes: typeNPY,
		"text/html, application/json;q=0.5, application/x-npy;q=0.9": typeNPY, "application/*": typeJSON,
	} {
		w := post(s, "/v1/encode", typeJSON, jsonOf(values(16, 1), 16), "Accept", accept)
		require.Equal(t, want, w.Header().Get("Content-Type"), accept)
		resultOf(t, w)
	}
	require.Equal(t, typeNPY, post(s, "/v1/encode", typeNPY, npyOf(t, values(16, 1), 16)).Header().Get("Content-Type"))
}

func TestConditionsAreFurtherInputs(t *testing.T) {
	ae := untrained(t, vae.Config{Input: 16, Hidden: []int{8}, Latent: 2, Classes: 10})
	s := server(t, ae, Options{})
	x := values(32, 1)
	body := strings.TrimSuffix(jsonOf(x, 16), "}") + `, "label": [3, 7]}`
	got, _ := resultOf(t, post(s, "/v1/encode", typeJSON, body))
	want, err := ae.Encode(x, vm.Array{Name: "label", Shape: []int{2}, Data: []float32{3, 7}})
	require.NoError(t, err)
	require.InDeltaSlice(t, want, got, 1e-6)
	for label, wrong := range map[string]string{
		"":                         `field \"label\" is missing: encode needs it, of shape [N]`,
		`, "label": [3]`:           `field \"label\" has 1 samples, and x has 2`,
		`, "label": [3, 10]`:       "10",
		`, "label": [3, 0.5]`:      "0.5",
		`, "label": 3`:             `field \"label\" has the shape`,
		`, "label": ["three", 1]`:  `label[0] is \"three\", not a number`,
		`, "lable": [3, 7]`:        `field \"lable\": the model has no input of that name; its inputs are x, label`,
		`, "label": [[3,1],[7,1]]`: "want [N] or [N 1]",
	} {
		w := post(s, "/v1/encode", typeJSON, strings.TrimSuffix(jsonOf(x, 16), "}")+label+"}")
		require.Equal(t, http.StatusBadRequest, w.Code, label)
		require.Contains(t, w.Body.String(), wrong)
	}
	w := post(s, "/v1/encode", typeNPY, npyOf(t, x, 16))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "send JSON")
}

// Of every model, requests that are computed together get what they get alone.
func TestEveryModelComputesTogetherWhatItComputesAlone(t *testing.T) {
	for _, e := range zoo.All() {
		t.Run(e.Name, func(t *testing.T) {
			ae := untrained(t, e.Model)
			p, err := train.EvalProgram(e.Model, 8, train.Options{Params: ae.Params()})
			require.NoError(t, err)
			fed := e.Feed(p, rand.New(rand.NewPCG(1, 1)))
			o, err := Options{}.complete()
			require.NoError(t, err)
			d, parts, domains, err := describe(ae, "")
			if err != nil {
				require.ErrorContains(t, err, "no output")
				return
			}
			s, err := newServer(d, parts, domains, ae.Output, o)
			require.NoError(t, err)
			defer s.Close()
			for _, part := range parts {
				var jobs []*job
				for at, n := range map[int]int{0: 5, 5: 1, 6: 2} {
					j := &job{ctx: t.Context(), part: part, n: n, done: make(chan result, 1)}
					for _, name := range append([]string{"x"}, part.needs...) {
						shape, _ := s.shape(name)
						size := graph.Shape(shape).Size()
						a, f := s.input(name, fed[name][at*size:(at+n)*size], append([]int{n}, shape...))
						require.Nil(t, f)
						j.in = append(j.in, a)
					}
					jobs = append(jobs, j)
				}
				s.batcher.answer(jobs)
				for _, j := range jobs {
					got := <-j.done
					require.NoError(t, got.err)
					want, err := ae.Output(part.Output.Name, j.in[0].Data, j.in[1:]...)
					require.NoError(t, err)
					require.Len(t, got.values, len(want))
					for i := range want {
						require.InDelta(t, want[i], got.values[i], 1e-5*max(1, float64(max(want[i], -want[i]))), part.Endpoint)
					}
				}
			}
		})
	}
}

// gate holds calls of a model until it is opened.
type gate struct {
	compute
	entered chan struct{}
	open    chan struct{}
}

func gated(ae *stheno.Autoencoder) *gate {
	return &gate{ae.Output, make(chan struct{}, 1000), make(chan struct{})}
}

func (g *gate) call(output string, x []float32, more ...vm.Array) ([]float32, error) {
	g.entered <- struct{}{}
	<-g.open
	return g.compute(output, x, more...)
}

// gatedServer serves a model through a gate.
func gatedServer(t *testing.T, ae *stheno.Autoencoder, o Options) (*Server, *gate) {
	t.Helper()
	o, err := o.complete()
	require.NoError(t, err)
	d, parts, domains, err := describe(ae, "")
	require.NoError(t, err)
	g := gated(ae)
	s, err := newServer(d, parts, domains, g.call, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, g
}

// metric reads a number from the metrics.
func metric(t testing.TB, s *Server, name string) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	for _, line := range strings.Split(w.Body.String(), "\n") {
		if v, ok := strings.CutPrefix(line, name+" "); ok {
			return v
		}
	}
	return ""
}

func TestRequestsThatWaitAreComputedTogether(t *testing.T) {
	ae := untrained(t, small)
	s, g := gatedServer(t, ae, Options{})
	const n = 40
	var all sync.WaitGroup
	ask := func(i int) {
		all.Go(func() {
			x := values(16, uint64(i))
			want, err := ae.Encode(x)
			if err != nil {
				t.Error(err)
				return
			}
			w := post(s, "/v1/encode", typeJSON, jsonOf(x, 16))
			if got, _ := resultOf(t, w); !near(want, got) {
				t.Errorf("request %d: %v, want %v", i, got, want)
			}
		})
	}
	ask(0)
	<-g.entered
	for i := 1; i <= n; i++ {
		ask(i)
	}
	require.Eventually(t, func() bool { return len(s.batcher.jobs) == n }, 30*time.Second, time.Millisecond)
	require.Equal(t, "40", metric(t, s, "stheno_queue_requests"))
	close(g.open)
	all.Wait()
	require.Equal(t, "2", metric(t, s, "stheno_batch_samples_count"), "the first, and 40 in a batch of 64")
	require.Equal(t, "41", metric(t, s, "stheno_batch_samples_sum"))
	require.Equal(t, "41", metric(t, s, `stheno_requests_total{code="200",endpoint="encode"}`))
	require.Equal(t, "41", metric(t, s, `stheno_samples_total{endpoint="encode"}`))
	requests, samples := s.Served()
	require.EqualValues(t, 41, requests)
	require.EqualValues(t, 41, samples)
}

func near(want, got []float32) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if d := want[i] - got[i]; !(d <= 1e-6 && d >= -1e-6) {
			return false
		}
	}
	return true
}

func TestALargeRequestIsSplit(t *testing.T) {
	ae := untrained(t, small)
	s := server(t, ae, Options{MaxBatch: 20})
	x := values(1000*16, 1)
	want, err := ae.Score(x)
	require.NoError(t, err)
	got, _ := resultOf(t, post(s, "/v1/score", typeNPY, npyOf(t, x, 16)))
	require.InDeltaSlice(t, want, got, 1e-5)
	require.Equal(t, "50", metric(t, s, "stheno_batch_samples_count"))
}

func TestBatchesHaveFewSizesAndAreHalfFull(t *testing.T) {
	for _, most := range []int{1, 2, 4, 5, 100, 256} {
		o, err := Options{MaxBatch: most}.complete()
		require.NoError(t, err)
		b := newBatcher(nil, o, nil)
		require.LessOrEqual(t, len(b.sizes), 5)
		for left := 1; left <= 2*most; left++ {
			size := b.sizeFor(left)
			require.LessOrEqual(t, size, most)
			require.GreaterOrEqual(t, 2*min(left, size), size)
		}
		b.close()
	}
}

func TestTheModelIsDescribed(t *testing.T) {
	s := server(t, untrained(t, vae.Config{Input: 16, Hidden: []int{8}, Latent: 2, Classes: 10}), Options{Name: "runs/vae"})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/v1/model", nil))
	var d Description
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &d))
	require.Equal(t, "runs/vae", d.Name)
	require.Equal(t, "vae", d.Type)
	require.Contains(t, string(d.Settings), `"latent":2`)
	require.Equal(t, []Input{{"x", []int{16}, []string{"encode", "reconstruct", "score"}}, {"label", []int{}, []string{"encode", "reconstruct", "score"}}}, d.Inputs)
	require.Equal(t, []Output{{"encode", "code", []int{2}}, {"reconstruct", "recon", []int{16}}, {"score", "score", []int{}}}, d.Outputs)
	require.Contains(t, d.Versions, "go")

	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	require.Equal(t, http.StatusOK, w.Code)
	s.stopping.Store(true)
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
}

func TestThePageNeedsNoOtherFile(t *testing.T) {
	for name, c := range map[string]struct {
		model stheno.Model
		draws bool
	}{
		"image":            {conv.Config{Size: graph.Pair{6, 6}, Encoder: []int{4, 3}}, true},
		"flattened square": {dense.Config{Input: 784, Hidden: []int{2}}, true},
		"row":              {dense.Config{Input: 9, Hidden: []int{2}}, false},
	} {
		s := server(t, untrained(t, c.model), Options{Name: "</script><script>alert(1)</script>"})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		require.Equal(t, http.StatusOK, w.Code)
		text := w.Body.String()
		require.Equal(t, c.draws, strings.Contains(text, `id="draw"`), name)
		require.NotContains(t, text, "src=")
		require.NotContains(t, text, "<script>")
		require.NotContains(t, text, "ZgotmplZ")
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
	}
}

func TestWrongOptionsAndModelsAreErrors(t *testing.T) {
	ae := untrained(t, small)
	for want, o := range map[string]Options{
		"MaxBody -1": {MaxBody: -1}, "MaxSamples -1": {MaxSamples: -1}, "Queue -2": {Queue: -2},
		"MaxBatch is 257": {MaxBatch: 257}, "Timeout -1s": {Timeout: -time.Second},
	} {
		_, err := New(ae, o)
		require.ErrorContains(t, err, want)
	}
	_, err := New(nil, Options{})
	require.ErrorContains(t, err, "no model")
	_, err = New(&stheno.Autoencoder{}, Options{})
	require.ErrorContains(t, err, "no weights")
	var none Server
	require.NoError(t, none.Close())
	require.ErrorContains(t, none.Serve(t.Context(), nil), "no server")
	w := post(&none, "/v1/encode", typeJSON, "{}")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	text, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	require.True(t, json.Valid(text))
}

func TestSamplesAreOfferedAsTheyAreSent(t *testing.T) {
	x := values(32, 1)
	s := server(t, untrained(t, small), Options{Samples: []vm.Array{{Name: "x", Shape: []int{2, 4, 4}, Data: x}, {Name: "label", Shape: []int{2}, Data: []float32{1, 2}}}})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/v1/samples", nil))
	require.Equal(t, http.StatusOK, w.Code)
	var got map[string][][]float32
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Equal(t, map[string][][]float32{"x": {x[:16], x[16:]}}, got, "a net that reads no label offers none")
	require.Equal(t, http.StatusOK, post(s, "/v1/encode", typeJSON, w.Body.String()).Code)

	none := server(t, untrained(t, small), Options{})
	w = httptest.NewRecorder()
	none.ServeHTTP(w, httptest.NewRequest("GET", "/v1/samples", nil))
	require.Equal(t, http.StatusNotFound, w.Code)
	for want, samples := range map[string][]vm.Array{
		`the samples have no "x"`: {{Name: "label", Shape: []int{2}, Data: []float32{1, 2}}},
		"want [N [16]]":           {{Name: "x", Shape: []int{2, 8}, Data: x[:16]}},
	} {
		_, err := New(untrained(t, small), Options{Samples: samples})
		require.ErrorContains(t, err, want)
	}
}
