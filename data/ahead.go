// Preparing batches ahead of their use.

package data

import "io"

// prepared is a batch, or the error or end of epoch in its place, and the position after it.
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

// ahead is a goroutine that fills batches before they are asked for. It ends by itself after an error.
type ahead struct {
	free  chan *Batch   // to be filled; holds all batches there are
	ready chan prepared // filled, in order
	quit  chan struct{}
	done  chan struct{} // closed when the goroutine has ended
}

// startAhead starts to fill count batches ahead, in addition to the one in use.
func startAhead(f feed, count int, l *layout, room int) *ahead {
	a := &ahead{
		free:  make(chan *Batch, count+1),
		ready: make(chan prepared, count),
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	for range count + 1 {
		a.free <- newBatch(l, room)
	}
	go a.run(f)
	return a
}

func (a *ahead) run(f feed) {
	defer close(a.done)
	for {
		var b *Batch
		select {
		case b = <-a.free:
		case <-a.quit:
			return
		}
		got := prepare(f, b)
		select {
		case a.ready <- got:
		case <-a.quit:
			return
		}
		if got.err != nil && !got.ended {
			return
		}
	}
}

// stop ends the goroutine and waits for it. The feed is then free; its position is somewhere ahead of the batches
// given.
func (a *ahead) stop() {
	close(a.quit)
	<-a.done
}
