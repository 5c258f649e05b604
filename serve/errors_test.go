package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/vm"
)

func TestWrongRequestsAreErrorsThatSayWhatIsWrong(t *testing.T) {
	s := server(t, untrained(t, small), Options{MaxBody: 4000, MaxSamples: 10})
	row := jsonOf(values(16, 1), 16)
	npy := npyOf(t, values(16, 1), 16)
	nan := npyOf(t, append(values(15, 1), float32(math.NaN())), 16)
	for name, c := range map[string]struct {
		kind, body string
		code       int
		want       string
	}{
		"no body":           {typeJSON, "", 400, "not JSON: byte 0: unexpected end"},
		"truncated JSON":    {typeJSON, row[:len(row)-3], 400, "unexpected end"},
		"malformed":         {typeJSON, `{"x": [[1,,2]]}`, 400, "byte 11"},
		"NaN":               {typeJSON, `{"x": [[NaN]]}`, 400, "not JSON"},
		"trailing":          {typeJSON, row + "1", 400, "not JSON"},
		"list":              {typeJSON, `[[1, 2]]`, 400, "no object"},
		"null":              {typeJSON, `null`, 400, "the body is null"},
		"no x":              {typeJSON, `{}`, 400, `field "x" is missing: encode needs it, of shape [N 16] for N samples`},
		"unknown":           {typeJSON, `{"y": [1]}`, 400, `field "y": the model has no input of that name; its inputs are x`},
		"null x":            {typeJSON, `{"x": null}`, 400, "x is null, not a number"},
		"text":              {typeJSON, `{"x": [["a"]]}`, 400, `x[0][0] is "a", not a number`},
		"object":            {typeJSON, `{"x": [{"a": 1}]}`, 400, "x[0] is "},
		"too large number":  {typeJSON, `{"x": [[1e39]]}`, 400, "x[0][0] is 1e39, which is no finite number of 32 bits"},
		"number":            {typeJSON, `{"x": 1}`, 400, `field "x" has the shape`},
		"one row":           {typeJSON, `{"x": [1, 2]}`, 400, `field "x" has the shape [2]: want [N 16]`},
		"short row":         {typeJSON, `{"x": [[1, 2], [3, 4]]}`, 400, `field "x" has the shape [2 2]: want [N 16]`},
		"ragged":            {typeJSON, `{"x": [[1, 2], [3]]}`, 400, "x[1] has 1 elements where those before it have 2"},
		"list in numbers":   {typeJSON, `{"x": [[1, [2]]]}`, 400, "x[0][1] is a list where those before it are numbers"},
		"number in lists":   {typeJSON, `{"x": [[1], 2]}`, 400, "x[1] is a number where those before it are lists"},
		"empty":             {typeJSON, `{"x": []}`, 400, `field "x" has no samples`},
		"empty rows":        {typeJSON, `{"x": [[], []]}`, 400, `field "x" has no samples`},
		"deep":              {typeJSON, `{"x": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, 400, "nested more than 16 lists deep"},
		"very deep":         {typeJSON, `{"x": ` + strings.Repeat("[", 3000) + `}`, 400, "not JSON"},
		"large":             {typeJSON, `{"x": [[` + strings.Repeat("1,", 4000) + `1]]}`, 413, "more than 4000 bytes"},
		"many samples":      {typeJSON, jsonOf(make([]float32, 16*11), 16), 413, "11 samples: at most 10"},
		"no type":           {"", row, 415, `the content type is ""`},
		"form":              {"application/x-www-form-urlencoded", row, 415, "want application/json or application/x-npy"},
		"JSON as npy":       {typeNPY, row, 400, "not an npy array"},
		"npy as JSON":       {typeJSON, npy, 400, "not JSON"},
		"truncated npy":     {typeNPY, npy[:len(npy)-1], 400, "cut short"},
		"truncated header":  {typeNPY, npy[:20], 400, "cut short"},
		"longer npy":        {typeNPY, npy + "1", 400, "more bytes follow"},
		"npy that lies":     {typeNPY, strings.Replace(npy, "(1, 16)", "(9999999, 16)", 1), 400, ""},
		"NaN in npy":        {typeNPY, nan, 400, `field "x": value 15 of sample 0 is NaN: want finite numbers`},
		"wrong shape":       {typeNPY, npyOf(t, values(16, 1), 4), 400, `field "x" has the shape [4 4]: want [N 16]`},
		"npy of no samples": {typeNPY, npyOf(t, nil, 16), 400, "no samples"},
		"large npy":         {typeNPY, npyOf(t, make([]float32, 16*100), 16), 413, "more than 4000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			w := post(s, "/v1/encode", c.kind, c.body)
			require.Equal(t, c.code, w.Code, w.Body)
			require.Equal(t, typeJSON, w.Header().Get("Content-Type"))
			var got struct{ Error string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
			require.Contains(t, got.Error, c.want)
			require.NotEmpty(t, got.Error)
		})
	}
	resultOf(t, post(s, "/v1/encode", typeJSON, row))
}

func TestOtherPathsAndMethodsAreErrors(t *testing.T) {
	s := server(t, untrained(t, small), Options{})
	for _, c := range []struct {
		method, path string
		code         int
		want         string
	}{
		{"GET", "/v1/encode", 405, "/v1/encode takes POST"},
		{"PUT", "/v1/score", 405, "/v1/score takes POST"},
		{"POST", "/healthz", 405, "takes GET, HEAD"},
		{"DELETE", "/", 405, "takes GET, HEAD"},
		{"GET", "/v1/decode", 404, "there is no"},
		{"POST", "/v1/encode/", 404, "there is no"},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		require.Equal(t, c.code, w.Code, c.path)
		require.Contains(t, w.Body.String(), c.want)
		require.Equal(t, c.code == 405, w.Header().Get("Allow") != "")
	}
	w := post(s, "/v1/encode", typeJSON, jsonOf(values(16, 1), 16), "Accept", "text/html")
	require.Equal(t, http.StatusNotAcceptable, w.Code)
	w = post(s, "/v1/encode", typeJSON, jsonOf(values(16, 1), 16), "Origin", "http://other.example")
	require.Equal(t, http.StatusForbidden, w.Code)
	require.True(t, json.Valid(w.Body.Bytes()))
}

func TestOneThatFailsDoesNotFailTheOthers(t *testing.T) {
	ae := untrained(t, small)
	s, g := gatedServer(t, ae, Options{})
	g.compute = func(output string, x []float32, more ...vm.Array) ([]float32, error) {
		for _, v := range x {
			if v == 9 {
				return nil, errors.New("nine")
			}
		}
		return ae.Output(output, x, more...)
	}
	var all sync.WaitGroup
	codes := make([]int, 6)
	ask := func(i int) {
		all.Go(func() {
			x := values(16, uint64(i))
			if i == 3 {
				x[2] = 9
			}
			codes[i] = post(s, "/v1/score", typeJSON, jsonOf(x, 16)).Code
		})
	}
	ask(0)
	<-g.entered
	for i := 1; i < len(codes); i++ {
		ask(i)
	}
	require.Eventually(t, func() bool { return len(s.batcher.jobs) == len(codes)-1 }, 30*time.Second, time.Millisecond)
	close(g.open)
	all.Wait()
	require.Equal(t, []int{200, 200, 200, 422, 200, 200}, codes)
}

func TestAFullQueueTellsClientsToComeBack(t *testing.T) {
	s, g := gatedServer(t, untrained(t, small), Options{Queue: 3})
	body := jsonOf(values(16, 1), 16)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if w := post(s, "/v1/encode", typeJSON, body); w.Code != http.StatusOK {
				t.Error(w.Code, w.Body)
			}
		})
	}
	require.Eventually(t, func() bool { return len(s.slots) == 3 }, 30*time.Second, time.Millisecond)
	require.Equal(t, "3", metric(t, s, "stheno_active_requests"))
	w := post(s, "/v1/encode", typeJSON, body)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), "come back later")
	close(g.open)
	all.Wait()
	resultOf(t, post(s, "/v1/encode", typeJSON, body))
}

func TestARequestThatTakesTooLongEnds(t *testing.T) {
	s, g := gatedServer(t, untrained(t, small), Options{Timeout: 20 * time.Millisecond})
	w := post(s, "/v1/encode", typeJSON, jsonOf(values(16, 1), 16))
	require.Equal(t, http.StatusGatewayTimeout, w.Code)
	require.Contains(t, w.Body.String(), "no result after 20ms")
	close(g.open)
}

func TestResultsThatAreNotFiniteAreNotJSON(t *testing.T) {
	_, f := answer([]float32{1, 2, 3, float32(math.Inf(1))}, []int{2, 2}, typeJSON)
	require.Equal(t, http.StatusUnprocessableEntity, f.status)
	require.Contains(t, f.text, "sample 1")
	body, f := answer([]float32{1, float32(math.NaN())}, []int{2}, typeNPY)
	require.Nil(t, f)
	require.True(t, bytes.HasPrefix(body, []byte("\x93NUMPY")))
}

func FuzzNumbers(f *testing.F) {
	for _, text := range []string{`[[1,2],[3,4]]`, `1`, `[]`, `[[],[1]]`, `[1e400]`, `[null]`, `[{"a":[1]}]`, `"[1"`, ` [ 1 , -2.5e3 ] `, `[[1],2]`, `[["]"]]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		values, shape, err := numbers("x", []byte(text))
		if err != nil {
			return
		}
		size := 1
		for _, n := range shape {
			size *= n
		}
		if size != len(values) {
			t.Fatalf("%d values of shape %v", len(values), shape)
		}
		if size == 0 {
			return
		}
		b, rest := appendNested(nil, values, shape)
		again, sameShape, err := numbers("x", b)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Equal(t, values, again)
		require.Equal(t, shape, sameShape)
	})
}
