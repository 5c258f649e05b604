package serve

import (
	"bytes"
	"context"
	_ "embed"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/vm"
)

//go:embed browser_test.js
var useThePage string

// Set STHENO_BROWSER to Chromium's name or path to run this, and STHENO_SCREENSHOTS to a
// folder for pictures of the pages.
func TestThePageWorksInABrowser(t *testing.T) {
	name := os.Getenv("STHENO_BROWSER")
	if name == "" {
		t.Skip("set STHENO_BROWSER=chromium (or its path) to use the page in a browser")
	}
	browser, err := exec.LookPath(name)
	require.NoError(t, err)
	for name, m := range map[string]stheno.Model{
		"flattened": vae.Config{Hidden: []int{32}, Latent: 2},
		"colour":    conv.Config{Size: graph.Pair{8, 12}, Channels: 3, Encoder: []int{4, 3}, Code: 3},
		"class":     vae.Config{Input: 64, Hidden: []int{8}, Latent: 2, Classes: 10},
		"row":       dense.Config{Input: 9, Hidden: []int{4, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			ae := untrained(t, m)
			var own []vm.Array
			for _, input := range []string{"x", "label"} {
				if shape, ok := ae.Shape(input); ok {
					own = append(own, vm.Array{Name: input, Shape: append([]int{2}, shape...), Data: make([]float32, 2*shape.Size())})
				}
			}
			s := server(t, ae, Options{Name: name, Samples: own})
			mux := http.NewServeMux()
			mux.Handle("/", s)
			mux.HandleFunc("/check", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				io.WriteString(w, `<!DOCTYPE html><body><iframe src="/" style="border:0;width:1280px;height:1400px"></iframe><script>`+useThePage+`</script></body>`)
			})
			mux.HandleFunc("/pause", func(http.ResponseWriter, *http.Request) { time.Sleep(10 * time.Millisecond) })
			h := httptest.NewServer(mux)
			defer h.Close()
			var more []string
			if dir := os.Getenv("STHENO_SCREENSHOTS"); dir != "" {
				more = []string{"--window-size=1300,1450", "--screenshot=" + filepath.Join(dir, name+".png")}
			}
			out := browse(t, browser, h.URL+"/check", more...)
			_, found, ok := strings.Cut(out, `<pre id="found">`)
			require.True(t, ok, "the browser did not run the script: %.300s", out)
			found, _, _ = strings.Cut(found, "</pre>")
			require.Empty(t, html.UnescapeString(found))
		})
	}
}

// browse opens a page and returns its document after its scripts have run.
func browse(t *testing.T, browser, url string, more ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append([]string{"--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=" + filepath.Join(t.TempDir(), "profile"),
		"--virtual-time-budget=20000", "--dump-dom"}, more...)
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // root has no sandbox to enter
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, append(args, url)...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s", errs.String())
	return string(out)
}
