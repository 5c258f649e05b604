package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// firstURL calls a function with the first address that is written to it.
type firstURL struct {
	mu   sync.Mutex
	text bytes.Buffer
	once sync.Once
	then func(url string)
}

var url = regexp.MustCompile(`http://\S+`)

func (f *firstURL) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text.Write(p)
	if found := url.FindString(f.text.String()); found != "" {
		f.once.Do(func() { go f.then(found) })
	}
	return len(p), nil
}

func (f *firstURL) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text.String()
}

// serving runs stheno serve, calls a function with its address and stops it as a signal does.
func serving(t *testing.T, args []string, f func(url string)) (code int, stdout, stderr string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out bytes.Buffer
	errs := &firstURL{then: func(url string) { defer stop(); f(url) }}
	code = run(ctx, append(args, "--addr", "127.0.0.1:0"), &out, errs)
	return code, out.String(), errs.String()
}

func TestServeAnswersUntilASignal(t *testing.T) {
	workplace(t)
	ok(t, strings.Fields("train vae.yaml -o runs/vae -q")...)
	body := `{"x": [[` + strings.Repeat("0.5,", 783) + `0.5]]}`
	code, out, errs := serving(t, strings.Fields("serve runs/vae"), func(url string) {
		own, err := http.Get(url + "/v1/samples")
		if err != nil || own.StatusCode != http.StatusOK {
			t.Error("the samples of the run folder", own, err)
			return
		}
		own.Body.Close()
		r, err := http.Post(url+"/v1/encode", "application/json", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK || !strings.HasPrefix(string(text), `{"shape":[1,2],"values":[[`) {
			t.Error(r.Status, string(text), err)
		}
	})
	require.Equal(t, exitOK, code, errs)
	require.Empty(t, out)
	require.Contains(t, errs, "serving runs/vae on http://127.0.0.1:")
	require.Contains(t, errs, "stopped; served 1 requests of 1 samples")

	code, out, errs = serving(t, strings.Fields("serve runs/vae/model.stheno --json"), func(string) {})
	require.Equal(t, exitOK, code, errs)
	require.True(t, json.Valid([]byte(out)), out)

	for _, line := range strings.Split((&app{}).serve().Example, "\n") {
		code, _, errs = serving(t, strings.Fields(line)[1:], func(string) {})
		require.Equal(t, exitOK, code, errs)
	}
	for line, want := range map[string]string{
		"serve runs/none":                     "runs/none",
		"serve runs/vae --addr 127.0.0.1:x":   "--addr 127.0.0.1:x",
		"serve runs/vae --max-batch 1000":     "from 1 to 256",
		"serve runs/vae --queue 0":            "at least 1",
		"serve runs/vae --timeout -1s":        "--timeout",
		"serve":                               "serve RUN",
		"serve runs/vae --max-bodies 1":       `did you mean "--max-body"?`,
		"serve runs/vae --addr 203.0.113.1:0": "--addr 203.0.113.1:0",
	} {
		code, _, errs = call(t, strings.Fields(line)...)
		require.NotZero(t, code, line)
		require.Contains(t, errs, want)
	}
}
