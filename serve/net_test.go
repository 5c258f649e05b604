package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listening serves on a port of this machine until stop is called, which returns what Serve
// returned.
func listening(t testing.TB, s *Server) (url string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { require.NoError(t, stop()) })
	return "http://" + l.Addr().String(), stop
}

// client is a client with connections of its own.
func client(t testing.TB) *http.Client {
	tr := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// errNoAnswer is the error of a request that was not accepted.
var errNoAnswer = errors.New("not accepted")

// exchange sends a request and reads the whole answer.
func exchange(c *http.Client, url, kind, body string) (code int, answer string, err error) {
	r, err := c.Post(url, kind, strings.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return r.StatusCode, string(text), err
}

// Clients that send all the time get right answers while the server stops, or are refused:
// none gets half an answer, and all that the server counts have arrived.
func TestStopUnderLoadLosesNoAcceptedRequest(t *testing.T) {
	s := server(t, untrained(t, small), Options{Queue: 1000})
	url, stop := listening(t, s)
	c := client(t)
	body := jsonOf(values(32, 1), 16)
	_, want, err := exchange(c, url+"/v1/encode", typeJSON, body)
	require.NoError(t, err)
	var answered atomic.Int64
	answered.Store(1)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for {
				code, got, err := exchange(c, url+"/v1/encode", typeJSON, body)
				switch {
				case errors.Is(err, errNoAnswer):
					return // the server has stopped
				case err != nil || code != http.StatusOK || got != want:
					t.Errorf("a broken answer: %d %q, want %q: %v", code, got, want, err)
					return
				}
				answered.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return answered.Load() > 500 }, 30*time.Second, time.Millisecond)
	require.NoError(t, stop())
	all.Wait()
	requests, _ := s.Served()
	require.Equal(t, answered.Load(), requests)
}

// A request that was accepted before the stop is answered after it.
func TestStopWaitsForRequestsThatAreBeingComputed(t *testing.T) {
	s, g := gatedServer(t, untrained(t, small), Options{})
	url, stop := listening(t, s)
	c := client(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if code, got, err := exchange(c, url+"/v1/encode", typeJSON, jsonOf(values(16, 1), 16)); err != nil || code != http.StatusOK {
				t.Error(code, got, err)
			}
		})
	}
	require.Eventually(t, func() bool { return len(s.slots) == 20 && s.batcher.arriving.Load() == 0 }, 30*time.Second, time.Millisecond)
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.Eventually(t, s.stopping.Load, 30*time.Second, time.Millisecond)
	select {
	case err := <-stopped:
		require.Fail(t, "the server ended before its requests", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(g.open)
	require.NoError(t, <-stopped)
	all.Wait()
	requests, _ := s.Served()
	require.EqualValues(t, 20, requests)
}

// Clients that go away cost their own requests only: those that wait are not computed.
func TestClientsThatGoAwayCancelTheirOwn(t *testing.T) {
	s, g := gatedServer(t, untrained(t, small), Options{})
	url, _ := listening(t, s)
	c := client(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	var all sync.WaitGroup
	body := jsonOf(values(16, 1), 16)
	stay := func() {
		all.Go(func() {
			if code, got, err := exchange(c, url+"/v1/encode", typeJSON, body); err != nil || code != http.StatusOK {
				t.Error(code, got, err)
			}
		})
	}
	stay()
	<-g.entered
	for range 10 {
		stay()
		all.Go(func() {
			r, err := http.NewRequestWithContext(ctx, "POST", url+"/v1/encode", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", typeJSON)
			if _, err := c.Do(r); err == nil {
				t.Error("a request that was cancelled is answered")
			}
		})
	}
	require.Eventually(t, func() bool { return len(s.batcher.jobs) == 20 }, 30*time.Second, time.Millisecond)
	leave()
	require.Eventually(t, func() bool { return len(s.slots) == 11 }, 30*time.Second, time.Millisecond)
	close(g.open)
	all.Wait()
	require.Equal(t, "11", metric(t, s, "stheno_batch_samples_sum"))
	require.Equal(t, "10", metric(t, s, `stheno_requests_total{code="499",endpoint="encode"}`))

	for _, text := range []string{"", "POST /v1/enc", "POST /v1/encode HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"x\": [["} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, text)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
	stay()
	all.Wait()
}

func TestABodyThatDoesNotArriveInTimeIsGivenUp(t *testing.T) {
	s := server(t, untrained(t, small), Options{ReadTimeout: time.Second})
	url, _ := listening(t, s)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /v1/encode HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	require.NoError(t, err)
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusRequestTimeout, r.StatusCode)
}

// The time for reading a request does not end its wait for the result.
func TestAResultMayTakeLongerThanReading(t *testing.T) {
	s, g := gatedServer(t, untrained(t, small), Options{ReadTimeout: time.Second, Timeout: time.Minute})
	url, _ := listening(t, s)
	time.AfterFunc(1500*time.Millisecond, func() { close(g.open) })
	for _, body := range []string{jsonOf(values(16, 1), 16), npyOf(t, values(16, 1), 16)} {
		kind := typeJSON
		if body[0] != '{' {
			kind = typeNPY
		}
		code, got, err := exchange(client(t), url+"/v1/encode", kind, body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, code, got)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	s := server(t, untrained(t, small), Options{Connections: 2})
	url, _ := listening(t, s)
	var open []net.Conn
	for range 2 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		r.Body.Close()
		open = append(open, conn)
	}
	answered := make(chan error, 1)
	c := client(t)
	go func() {
		r, err := c.Get(url + "/healthz")
		if err == nil {
			r.Body.Close()
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		require.Fail(t, "a third connection is served", err)
	case <-time.After(50 * time.Millisecond):
	}
	require.NoError(t, open[0].Close())
	require.NoError(t, <-answered)
	require.NoError(t, open[1].Close())
}

func TestMemoryAndGoroutinesDoNotGrow(t *testing.T) {
	ae := untrained(t, small)
	_, err := ae.Reconstruct(values(16, 1)) // machines have goroutines of their own
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	s, err := New(ae, Options{})
	require.NoError(t, err)
	url, stop := listening(t, s)
	tr := &http.Transport{MaxIdleConnsPerHost: 8}
	c := &http.Client{Transport: tr}
	bodies := []string{jsonOf(values(160, 1), 16), npyOf(t, values(160, 1), 16), `{"x": [[1]]}`}
	kinds := []string{typeJSON, typeNPY, typeJSON}
	load := func(n int) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for i := range n / 8 {
					if _, _, err := exchange(c, url+"/v1/reconstruct", kinds[i%3], bodies[i%3]); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	load(400)
	start := heap()
	load(4000)
	require.Less(t, heap(), start+8<<20, "bytes after 4000 requests")
	tr.CloseIdleConnections()
	require.NoError(t, stop())
	require.NoError(t, s.Close())
	for range 3000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	require.Fail(t, "goroutines are left", "%d, before %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}
