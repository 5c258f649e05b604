package data

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A failure is a server that does not send the requested file.
type failure struct {
	name  string
	serve func(w http.ResponseWriter, r *http.Request, file []byte)
	want  string
}

func failures() []failure {
	hijack := func(w http.ResponseWriter) net.Conn {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		return conn
	}
	status := func(code int) func(http.ResponseWriter, *http.Request, []byte) {
		return func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(code) }
	}
	return []failure{
		{"not found", status(404), "the server says 404 Not Found"},
		{"forbidden", status(403), "the server says 403 Forbidden"},
		{"broken", status(500), "the server says 500 Internal Server Error"},
		{"empty answer", status(204), "the server says 204 No Content"},
		{"hangs before its headers", func(_ http.ResponseWriter, r *http.Request, _ []byte) {
			<-r.Context().Done()
		}, "nothing came for 60ms"},
		{"hangs in the body", func(w http.ResponseWriter, r *http.Request, file []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(len(file)))
			w.Write(file[:5])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "nothing came for 60ms"},
		{"cuts the file short", func(w http.ResponseWriter, _ *http.Request, file []byte) {
			w.Write(file[:len(file)-3])
		}, "not the original file: it has"},
		{"cuts the file short without a length", func(w http.ResponseWriter, _ *http.Request, file []byte) {
			w.Write(file[:5])
			w.(http.Flusher).Flush()
		}, "not the original file: it has 5 of"},
		{"goes on without end", func(w http.ResponseWriter, _ *http.Request, file []byte) {
			for {
				if _, err := w.Write(file); err != nil {
					return
				}
			}
		}, "not the original file: it has more than"},
		{"gives wrong bytes", func(w http.ResponseWriter, _ *http.Request, file []byte) {
			w.Write(flip(file, 12))
		}, "not the original file: its SHA-256 is"},
		{"gives a page of the same length", func(w http.ResponseWriter, _ *http.Request, file []byte) {
			w.Write([]byte(strings.Repeat("x", len(file))))
		}, "not the original file: its SHA-256 is"},
		{"sends on in a circle", func(w http.ResponseWriter, r *http.Request, _ []byte) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, "stopped after 10 redirects"},
		{"hangs up in the middle", func(w http.ResponseWriter, _ *http.Request, file []byte) {
			conn := hijack(w)
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(file))
			conn.Write(file[:7])
			conn.Close()
		}, "after 7 of"},
		{"hangs up at once", func(w http.ResponseWriter, _ *http.Request, _ []byte) { hijack(w).Close() }, "EOF"},
		{"speaks no HTTP", func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			conn := hijack(w)
			conn.Write([]byte("SSH-2.0-OpenSSH\r\n"))
			conn.Close()
		}, "malformed HTTP"},
	}
}

// mirror serves the place's files, as serve does if it is not nil, and returns the address.
func (p *place) mirror(t *testing.T, serve func(http.ResponseWriter, *http.Request, []byte)) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := p.files[path.Base(r.URL.Path)]
		switch {
		case !ok || path.Dir(r.URL.Path) != "/some/where":
			w.WriteHeader(http.StatusTeapot)
		case serve != nil:
			serve(w, r, file)
		default:
			w.Write(file)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/some/where"
}

// requireOnly checks that the cache holds exactly this many files, all of them originals.
func (p *place) requireOnly(t *testing.T, n int) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(p.cache, "first"))
	require.NoError(t, err)
	require.Len(t, entries, n)
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(p.cache, "first", e.Name()))
		require.NoError(t, err)
		require.Equal(t, p.files[e.Name()], content)
	}
}

func TestDownloadFillsTheCache(t *testing.T) {
	p := newPlace(t)
	opts := p.options()
	opts.Mirrors = []string{p.mirror(t, nil) + "/"}
	dir := filepath.Join(p.cache, "first")
	set, err := p.open(t, "first", opts)
	require.NoError(t, err)
	requireFirst(t, set, "downloaded into "+dir)
	p.requireOnly(t, 4)
	require.Contains(t, p.log.String(), "data: downloading first (0.0 MB) from 127.0.0.1:")
	require.Contains(t, p.log.String(), "data: first is in "+dir)
	require.NotContains(t, p.log.String(), "\r", "a bar was drawn where there is no terminal")

	// A missing file is fetched again; the others stay.
	require.NoError(t, os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte.gz")))
	set, err = p.open(t, "first", opts)
	require.NoError(t, err)
	requireFirst(t, set, "downloaded into "+dir)

	opts.Mirrors, opts.Offline = nil, true
	set, err = p.open(t, "first", opts)
	require.NoError(t, err)
	requireFirst(t, set, "cache "+dir)
}

func TestAFailedDownloadFallsBackAndLeavesNothing(t *testing.T) {
	for _, f := range failures() {
		t.Run(f.name, func(t *testing.T) {
			p := newPlace(t)
			opts := p.options()
			opts.Mirrors = []string{p.mirror(t, f.serve)}
			opts.StallTimeout = 20 * time.Second
			if strings.Contains(f.want, "60ms") {
				opts.StallTimeout = 60 * time.Millisecond
				opts.ConnectTimeout = time.Hour // which ends with the connection
			}
			set, err := p.open(t, "first", opts)
			require.NoError(t, err)
			p.requireDigits(t, set, "train-images-idx3-ubyte.gz cannot be downloaded: 127.0.0.1:", f.want)
			p.requireOnly(t, 0)
		})
	}
}

func TestTheNextMirrorIsAskedAfterAFailure(t *testing.T) {
	for _, f := range failures() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			// On a slow machine the good mirror may also look hung, so it is asked three times.
			good := p.mirror(t, nil)
			opts := p.options()
			opts.Mirrors = []string{p.mirror(t, f.serve), good, good, good}
			opts.StallTimeout = 20 * time.Second
			if strings.Contains(f.want, "60ms") {
				opts.StallTimeout = 250 * time.Millisecond
			}
			set, err := p.open(t, "first", opts)
			require.NoError(t, err)
			requireFirst(t, set, "downloaded into "+filepath.Join(p.cache, "first"))
			p.requireOnly(t, 4)
		})
	}
}

func TestAFileThatOneMirrorLacksComesFromAnother(t *testing.T) {
	p := newPlace(t)
	lacks := func(name string) func(http.ResponseWriter, *http.Request, []byte) {
		return func(w http.ResponseWriter, r *http.Request, file []byte) {
			if strings.Contains(r.URL.Path, name) {
				w.WriteHeader(404)
				return
			}
			w.Write(file)
		}
	}
	opts := p.options()
	opts.Mirrors = []string{p.mirror(t, lacks("train")), p.mirror(t, lacks("t10k"))}
	set, err := p.open(t, "first", opts)
	require.NoError(t, err)
	requireFirst(t, set, "downloaded into "+filepath.Join(p.cache, "first"))

	// No mirror has the last file: those already fetched stay, whole, for the next time.
	require.NoError(t, os.RemoveAll(p.cache))
	opts.Mirrors = []string{p.mirror(t, lacks("t10k-labels"))}
	set, err = p.open(t, "first", opts)
	require.NoError(t, err)
	p.requireDigits(t, set, "t10k-labels-idx1-ubyte.gz cannot be downloaded", "404")
	p.requireOnly(t, 3)
}

func TestMirrorsThatCannotBeReachedAreGivenUpSoon(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and sends nothing
	require.NoError(t, err)
	defer silent.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()

	p := newPlace(t)
	opts := p.options()
	opts.Mirrors = []string{"https://" + silent.Addr().String(), gone.URL, "not an address at all\x00", "gopher://host"}
	opts.ConnectTimeout = 400 * time.Millisecond
	start := time.Now()
	set, err := p.open(t, "first", opts)
	require.NoError(t, err)
	require.Less(t, time.Since(start), 10*time.Second)
	p.requireDigits(t, set, "no connection within 400ms", "refused", "invalid control character", "unsupported protocol")
	p.requireOnly(t, 0)
	require.Equal(t, 1, strings.Count(p.log.String(), "\n"), "nothing came, so no download is announced")
}

func TestACacheThatCannotBeWrittenFallsBack(t *testing.T) {
	p := newPlace(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	opts := p.options()
	opts.Mirrors = []string{p.mirror(t, nil)}
	opts.CacheDir = file
	set, err := p.open(t, "first", opts)
	require.NoError(t, err)
	p.requireDigits(t, set, "no cache folder: ")
}

func TestDownloadEndsWithItsContext(t *testing.T) {
	for _, part := range []int{0, 5} { // of the body
		p := newPlace(t)
		ctx, cancel := context.WithCancel(t.Context())
		opts := p.options()
		opts.Mirrors = []string{p.mirror(t, func(w http.ResponseWriter, r *http.Request, file []byte) {
			if part > 0 {
				w.Write(file[:part])
				w.(http.Flusher).Flush()
			}
			cancel()
			<-r.Context().Done()
		})}
		opts.StallTimeout = time.Minute
		start := time.Now()
		_, err := open(ctx, "first", opts.defaults(), p.known)
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, time.Since(start), 30*time.Second)
		require.NotContains(t, p.log.String(), "digits")
		p.requireOnly(t, 0)
	}
}

func TestDownloadsOfTheSameDoNotClash(t *testing.T) {
	p := newPlace(t)
	mirrors := []string{p.mirror(t, nil)}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			opts := p.options()
			opts.Mirrors, opts.Log = mirrors, t.Output()
			set, err := open(t.Context(), "first", opts.defaults(), p.known)
			if err != nil {
				t.Error(err)
			} else if set.Name != "first" {
				t.Error(set.Source)
			}
		})
	}
	all.Wait()
	p.requireOnly(t, 4)
}

func TestABarIsDrawnOnATerminal(t *testing.T) {
	p := newPlace(t)
	m := newMeter(&p.log, true, "first")
	m.total(10)
	m.file(2, 4, original{size: 10})
	m.from("host")
	m.add(10)
	m.end()
	require.Contains(t, p.log.String(), "first 2/4")
	require.False(t, isTerminal(&p.log))
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	require.False(t, isTerminal(null))
}
