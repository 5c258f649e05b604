// Filling the cache: the original files, from whichever mirror gives them.

package data

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// An unavailable is a reason for falling back: the files that exist are sound, but not all files can be had.
type unavailable string

func (e unavailable) Error() string { return string(e) }

// fill gets all the collection's original files into the cache folder dir, and returns how they came there. If that
// fails, the error is an unavailable; if a file there is not the original, it is another error.
func (c *collection) fill(ctx context.Context, dir string, opts Options) (how string, err error) {
	if !opts.Offline {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", unavailable(fmt.Sprintf("no cache folder: %v", err))
		}
	}
	var missing []original
	for _, f := range c.files {
		path := filepath.Join(dir, f.name)
		err := f.verify(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, f)
		case err != nil:
			return "", fmt.Errorf("in the cache: %w; delete it to have it downloaded again", err)
		}
	}
	if len(missing) == 0 {
		return "cache", nil
	}
	if opts.Offline {
		return "", unavailable(fmt.Sprintf("%d of %d files are not in %s, and downloads are off",
			len(missing), len(c.files), dir))
	}
	removeStale(dir)
	mirrors := opts.Mirrors
	if mirrors == nil {
		mirrors = c.mirrors
	}
	d := newDownload(c.name, dir, mirrors, opts)
	defer d.client.CloseIdleConnections()
	if err := d.files(ctx, missing); err != nil {
		return "", err
	}
	return "downloaded into", nil
}

// A download fetches the files of one data set.
type download struct {
	client         *http.Client
	dir            string
	mirrors        []string
	connect, stall time.Duration
	meter          *meter
}

func newDownload(name, dir string, mirrors []string, opts Options) *download {
	return &download{
		client: &http.Client{Transport: &http.Transport{
			Proxy:              http.ProxyFromEnvironment,
			DialContext:        (&net.Dialer{Timeout: opts.ConnectTimeout}).DialContext,
			ForceAttemptHTTP2:  true,
			DisableCompression: true, // the files are gzips and must stay so
		}},
		dir:     dir,
		mirrors: slices.Clone(mirrors),
		connect: opts.ConnectTimeout,
		stall:   opts.StallTimeout,
		meter:   newMeter(opts.Log, isTerminal(opts.Log), name),
	}
}

// files fetches the files one after another.
func (d *download) files(ctx context.Context, files []original) error {
	var total int64
	for _, f := range files {
		total += f.size
	}
	d.meter.total(total)
	for i, f := range files {
		d.meter.file(i+1, len(files), f)
		if err := d.anywhere(ctx, f); err != nil {
			return err
		}
	}
	d.meter.done(d.dir)
	return nil
}

// anywhere fetches a file from the first mirror that gives it. Mirrors that could not be reached are not asked again.
func (d *download) anywhere(ctx context.Context, f original) error {
	var failed []string
	for _, mirror := range slices.Clone(d.mirrors) {
		reached, err := d.file(ctx, mirror, f)
		d.meter.end()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed = append(failed, fmt.Sprintf("%s: %v", host(mirror), err))
		if !reached {
			d.mirrors = slices.DeleteFunc(d.mirrors, func(m string) bool { return m == mirror })
		}
	}
	if failed == nil {
		return unavailable("there is no mirror to download from")
	}
	return unavailable(fmt.Sprintf("%s cannot be downloaded: %s", f.name, strings.Join(failed, ", ")))
}

// file fetches one file from one mirror into the folder. reached tells whether a connection was made.
func (d *download) file(ctx context.Context, mirror string, f original) (reached bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	// One timer watches everything: first the time to connect, names, proxies and TLS included (the transport has no
	// one limit for all of these), then every wait for bytes.
	var connected atomic.Bool
	watch := time.AfterFunc(d.connect, func() {
		if connected.Load() {
			cancel(fmt.Errorf("nothing came for %v", d.stall))
		} else {
			cancel(fmt.Errorf("no connection within %v", d.connect))
		}
	})
	defer watch.Stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		connected.Store(true)
		watch.Reset(d.stall)
	}})

	err = atomicfile.Write(filepath.Join(d.dir, f.name), func(w io.Writer) error {
		return d.get(ctx, strings.TrimSuffix(mirror, "/")+"/"+f.name, f, w, func() { watch.Reset(d.stall) })
	})
	if err != nil && context.Cause(ctx) != nil {
		err = context.Cause(ctx)
	}
	if err != nil && f.verify(filepath.Join(d.dir, f.name)) == nil {
		err = nil // another process was faster
	}
	return connected.Load(), err
}

// get writes the file at an address to w and checks that it is the original; alive is called whenever bytes arrive.
func (d *download) get(ctx context.Context, address string, f original, w io.Writer, alive func()) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return shortError(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server says %s", resp.Status)
	}
	if resp.ContentLength >= 0 && resp.ContentLength != f.size {
		return fmt.Errorf("not the original file: it has %d bytes, not %d", resp.ContentLength, f.size)
	}
	d.meter.from(host(address))

	sum := sha256.New()
	var got int64
	buf := make([]byte, 1<<16)
	for got <= f.size {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			alive()
			got += int64(n)
			sum.Write(buf[:n])
			d.meter.add(n)
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("after %d of %d bytes: %w", got, f.size, err)
		}
	}
	return f.match(got, sum.Sum(nil))
}

// shortError removes from a network error what the caller reports itself: the address and how it was reached.
func shortError(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if e := (*net.DNSError)(nil); errors.As(err, &e) {
		return errors.New(e.Err)
	}
	if e := (*net.OpError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// host returns the host of an address, or the address if it has none.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
