// Preparing batches, ahead of their use or when they are wanted.

package data

import (
	"context"
	"io"
	"runtime"
	"sync"
)

// prepared is a batch, or the error or the end of the epoch in its place, and the position after it.
type prepared struct {
	batch *Batch
	after Position
	err   error
	ended bool // err is io.EOF: the epoch is over
}

// A reader fills batches one after another, each in parts. Goroutines of its own take parts ahead of time. If a batch is
// wanted that is not ready, helpers take parts, too: where a step keeps all processors busy, no goroutine that works
// beside it gets one.
type reader struct {
	stages *stages
	help   func(work func()) // calls work on several goroutines at once; nil: there are no helpers
	assist func()            // the work
	ready  chan prepared     // in order; it has room for all batches
	own    sync.WaitGroup    // the goroutines

	mu      sync.Mutex
	changed sync.Cond // there may be something to do
	free    []*Batch  // to be filled
	now     filling
	ended   bool // after an error, or at the end of use
}

// filling is the batch that is being filled.
type filling struct {
	batch  *Batch // nil: none
	before Position
	after  Position
	stage  int
	parts  int // of the stage; 0 until it is known how many samples there are
	next   int // the next part to take
	left   int // parts that are not done
	failed int // the first part that failed
	err    error
}

// newReader returns a reader of count batches ahead of the one in use, with that number of goroutines.
func newReader(s *stages, count, workers int, help func(work func()), room int) *reader {
	r := &reader{stages: s, help: help, ready: make(chan prepared, count+1)}
	if help == nil && workers == 0 {
		r.help = func(work func()) { work() }
	}
	r.assist = func() { r.work(false) }
	r.changed.L = &r.mu
	for range count + 1 {
		r.free = append(r.free, newBatch(s.layout, room))
	}
	for range workers {
		r.own.Go(func() { r.work(true) })
	}
	return r
}

// give gives a batch to be filled again.
func (r *reader) give(b *Batch) {
	r.mu.Lock()
	r.free = append(r.free, b)
	r.mu.Unlock()
	r.changed.Signal()
}

// next returns the next batch, or the error of the context.
func (r *reader) next(ctx context.Context) (got prepared, err error) {
	for r.help != nil && r.due() && len(r.ready) == 0 {
		r.help(r.assist)
	}
	select {
	case got = <-r.ready:
		return got, nil
	case <-ctx.Done():
		return got, ctx.Err()
	}
}

// due reports whether there is a batch to begin, or a part of one to take.
func (r *reader) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.ended && (r.now.batch == nil && len(r.free) > 0 || r.now.next < r.now.parts)
}

// work takes part after part. An own goroutine of the reader waits for more; others return when there is nothing to do,
// or when a batch is ready.
func (r *reader) work(own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.ended && (own || len(r.ready) == 0) {
		switch {
		case r.now.batch == nil && len(r.free) > 0:
			r.begin()
		case r.now.next < r.now.parts:
			r.take(own)
		case own:
			r.changed.Wait()
		default:
			return
		}
	}
}

// begin begins the next batch.
func (r *reader) begin() {
	last := len(r.free) - 1
	r.now = filling{batch: r.free[last], before: r.stages.feed.position()}
	r.free = r.free[:last]
	err := r.unlocked(func() error { return r.stages.feed.begin(r.now.batch) })
	r.now.after = r.stages.feed.position()
	if err != nil {
		r.finish(err)
		return
	}
	r.enter(0)
}

// enter begins a stage of the batch.
func (r *reader) enter(stage int) {
	r.now.stage, r.now.next = stage, 0
	r.now.parts = r.stages.parts(stage, r.now.batch.N)
	r.now.left = r.now.parts
	r.changed.Broadcast()
}

// take does the next part of the batch.
func (r *reader) take(own bool) {
	f := &r.now
	part := f.next
	f.next++
	var h *hand
	if n := len(r.stages.idle); n > 0 {
		h, r.stages.idle = r.stages.idle[n-1], r.stages.idle[:n-1]
	}
	stage, b, parts := f.stage, f.batch, f.parts
	err := r.unlocked(func() (err error) {
		if h == nil {
			if h, err = r.stages.hire(); err != nil {
				return err
			}
		}
		if err = r.stages.run(stage, h, b, part, parts); own {
			runtime.Gosched() // the step comes first
		}
		return err
	})
	if h != nil {
		r.stages.idle = append(r.stages.idle, h)
	}
	if err != nil && (f.err == nil || part < f.failed) {
		f.err, f.failed = err, part
	}
	if f.left--; f.err != nil { // leave the rest
		f.left -= f.parts - f.next
		f.parts = f.next
	}
	switch {
	case f.left > 0:
	case f.err == nil && f.stage+1 < len(r.stages.all):
		r.enter(f.stage + 1)
	default:
		r.finish(f.err)
	}
}

// finish passes on the batch, or the error or the end of the epoch in its place.
func (r *reader) finish(err error) {
	got := prepared{batch: r.now.batch, after: r.now.after, err: err, ended: err == io.EOF}
	if err != nil && !got.ended {
		got.after, r.ended = r.now.before, true
	}
	r.now = filling{}
	r.ready <- got
	r.changed.Broadcast()
}

// unlocked calls f while others may use the reader.
func (r *reader) unlocked(f func() error) error {
	r.mu.Unlock()
	defer r.mu.Lock()
	return f()
}

// stop ends the goroutines and waits for them. The feed is then free.
func (r *reader) stop() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.changed.Broadcast()
	r.own.Wait()
}
