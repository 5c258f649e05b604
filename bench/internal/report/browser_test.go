package report

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed browser_test.js
var findFaults string

// The widths of a desk, a tablet and two phones, in CSS pixels.
var widths = []int{1280, 768, 390, 320}

// Set STHENO_BROWSER to Chromium's name or path to run this, and STHENO_REPORT to
// the path of a page to look at that one as well.
func TestReportLaysOutWellInABrowser(t *testing.T) {
	browser := browserOrSkip(t)
	pages := map[string]string{}
	for name, r := range reports() {
		var b bytes.Buffer
		require.NoError(t, WriteHTML(&b, r))
		pages[name] = b.String()
	}
	if path := os.Getenv("STHENO_REPORT"); path != "" {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		pages[path] = string(text)
	}
	require.Empty(t, faultsIn(t, browser, pages))
}

func TestBrowserCheckFindsFaults(t *testing.T) {
	browser := browserOrSkip(t)
	pages, want := map[string]string{}, map[string]string{}
	for name, c := range map[string]struct{ body, want string }{
		"too wide":      {`<div style="width:2000px">x</div>`, "the page is 2000 wide"},
		"cut":           {`<div class="panel" style="width:50px;overflow:hidden;white-space:nowrap">a line that is longer</div>`, "reaches out of div.panel"},
		"overlapping":   {`<div>one</div><div style="margin-top:-1em">two</div>`, "overlaps"},
		"broken image":  {`<img alt="seven" src="data:image/png;base64,AAAA"/>`, `img "seven" does not load`},
		"empty drawing": {`<svg aria-label="loss" width="300" height="200"></svg>`, `svg "loss" is empty`},
		"flat drawing":  {`<svg aria-label="loss" width="300" height="0"><path d="M0 0h9"/></svg>`, `svg "loss" is 300 by 0`},
		"drawn outside": {`<svg aria-label="loss" width="300" height="200" viewBox="0 0 9 9"><path d="M0 0h99"/></svg>`, `svg "loss" draws outside`},
		"missing bar":   {`<div class="bar">a<div><div class="fill" style="width:0;height:9px"></div></div></div>`, "fill is 0 by 9"},
	} {
		pages[name] = `<!DOCTYPE html><body style="margin:0">` + c.body + "</body>"
		want[name] = c.want
	}
	found := faultsIn(t, browser, pages)
	for name := range pages {
		require.Regexp(t, "(?m)^"+name+`, \d+ wide: .*`+regexp.QuoteMeta(want[name]), found)
	}
}

// browserOrSkip returns the browser's path.
func browserOrSkip(t *testing.T) string {
	t.Helper()
	name := os.Getenv("STHENO_BROWSER")
	if name == "" {
		t.Skip("set STHENO_BROWSER=chromium (or its path) to lay the page out in a browser")
	}
	path, err := exec.LookPath(name)
	require.NoError(t, err)
	return path
}

// faultsIn opens the pages in frames of several widths and returns what the script
// found, a line for each fault.
func faultsIn(t *testing.T, browser string, pages map[string]string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><meta charset=\"utf-8\"/><body>")
	for name, page := range pages {
		for _, w := range widths {
			fmt.Fprintf(&b, `<iframe title="%s, %d wide" style="border:0;width:%dpx;height:900px" srcdoc="%s"></iframe>`,
				html.EscapeString(name), w, w, html.EscapeString(page))
		}
	}
	b.WriteString("<script>" + findFaults + "</script></body>")
	dir := t.TempDir()
	file := filepath.Join(dir, "frames.html")
	require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o600))

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := []string{"--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--virtual-time-budget=10000", "--dump-dom", "file://" + file}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // root has no sandbox to enter
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, args...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%s", errs.String())
	_, found, ok := strings.Cut(string(out), `<pre id="found">`)
	require.True(t, ok, "the browser did not run the script: %.300s\n%s", out, errs.String())
	found, _, _ = strings.Cut(found, "</pre>")
	return html.UnescapeString(found)
}
