// Preparing batches ahead of their use.

package data

import "io"

// prepared is a batch, or the error or the end of the epoch in its place, and the position after it.
type prepared struct {
	batch *Batch
	after Position
	err   error
	ended bool // err is io.EOF: the epoch is over
}

// prepare fills the next batch.
func prepare(f feed, b *Batch) prepared {
	before := f.position()
	switch err := f.fill(b); err {
	case nil, io.EOF:
		return prepared{batch: b, after: f.position(), err: err, ended: err == io.EOF}
	default:
		return prepared{batch: b, after: before, err: err}
	}
}

// prefetcher is a goroutine that fills batches before they are requested. It ends after an error.
type prefetcher struct {
	free  chan *Batch   // batches to be filled; it has room for all of them
	ready chan prepared // filled, in order
	quit  chan struct{}
	done  chan struct{} // closed when the goroutine has ended
}

// startPrefetcher starts a goroutine that fills count batches ahead of the one in use.
func startPrefetcher(f feed, count int, l *layout, room int) *prefetcher {
	p := &prefetcher{
		free:  make(chan *Batch, count+1),
		ready: make(chan prepared, count),
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	for range count + 1 {
		p.free <- newBatch(l, room)
	}
	go p.run(f)
	return p
}

func (p *prefetcher) run(f feed) {
	defer close(p.done)
	for {
		var b *Batch
		select {
		case b = <-p.free:
		case <-p.quit:
			return
		}
		got := prepare(f, b)
		select {
		case p.ready <- got:
		case <-p.quit:
			return
		}
		if got.err != nil && !got.ended {
			return
		}
	}
}

// stop ends the goroutine and waits for it. The feed is then free. Its position is after the batches that were
// returned.
func (p *prefetcher) stop() {
	close(p.quit)
	<-p.done
}
