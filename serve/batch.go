// Requests that come at the same time are computed together.

package serve

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stheno-ml/stheno/vm"
)

// A job is a request that waits for its result.
type job struct {
	ctx    context.Context // ends when nobody waits any more
	cancel context.CancelFunc
	part   part
	n      int        // samples
	in     []vm.Array // x and what else the part needs, in the same order for each job of a part
	done   chan result
}

type result struct {
	values []float32
	err    error
}

// compute is stheno.Autoencoder.Output.
type compute func(output string, x []float32, more ...vm.Array) ([]float32, error)

// A batcher computes jobs, in one goroutine.
type batcher struct {
	compute  compute
	max      int // samples at a time
	wait     time.Duration
	sizes    []int // of batches, ascending; see pieces
	jobs     chan *job
	arriving atomic.Int64 // requests that are read now
	ran      func(samples int)
	quit     chan struct{}
	ended    chan struct{}
}

func newBatcher(c compute, o Options, ran func(samples int)) *batcher {
	b := &batcher{compute: c, max: o.MaxBatch, wait: o.MaxWait, ran: ran, jobs: make(chan *job, o.Queue), quit: make(chan struct{}), ended: make(chan struct{})}
	for size := 1; size < b.max; size *= 4 {
		b.sizes = append(b.sizes, size)
	}
	b.sizes = append(b.sizes, b.max)
	go b.run()
	return b
}

// close ends the goroutine. Jobs that wait get no result.
func (b *batcher) close() {
	close(b.quit)
	<-b.ended
}

// submit queues a job; false means that the queue is full.
func (b *batcher) submit(j *job) bool {
	select {
	case b.jobs <- j:
		return true
	default:
		return false
	}
}

func (b *batcher) run() {
	defer close(b.ended)
	var held *job // that did not fit in the last batch
	for {
		first := held
		held = nil
		if first == nil {
			select {
			case first = <-b.jobs:
			case <-b.quit:
				return
			}
		}
		var batch []*job
		batch, held = b.collect(first)
		b.answer(batch)
	}
}

// collect gathers the jobs that are computed with a first one: those that wait, and those
// whose request is arriving now, for the time b.wait. A job that does not fit is held.
func (b *batcher) collect(first *job) (batch []*job, held *job) {
	batch, n := []*job{first}, first.n
	var late <-chan time.Time
	for n < b.max {
		var next *job
		select {
		case next = <-b.jobs:
		default:
			if b.arriving.Load() == 0 || b.wait <= 0 {
				return batch, nil
			}
			if late == nil {
				timer := time.NewTimer(b.wait)
				defer timer.Stop()
				late = timer.C
			}
			select {
			case next = <-b.jobs:
			case <-late:
				return batch, nil
			case <-b.quit:
				return batch, nil
			}
		}
		if n+next.n > b.max {
			return batch, next
		}
		batch, n = append(batch, next), n+next.n
	}
	return batch, nil
}

// answer computes jobs, those of one part of the net together.
func (b *batcher) answer(batch []*job) {
	var order []string
	groups := map[string][]*job{}
	for _, j := range batch {
		name := j.part.Output.Name
		switch {
		case j.ctx.Err() != nil: // nobody waits
		case j.part.random:
			b.alone(j)
		default:
			if groups[name] == nil {
				order = append(order, name)
			}
			groups[name] = append(groups[name], j)
		}
	}
	for _, name := range order {
		b.together(groups[name])
	}
}

// alone computes a job whose result depends on the place of its samples in the batch.
func (b *batcher) alone(j *job) {
	values, err := b.compute(j.part.Output.Name, j.in[0].Data, j.in[1:]...)
	b.ran(j.n)
	j.done <- result{values, err}
}

// together computes jobs of one part. If that fails, each is computed by itself, so that
// only those fail that are at fault.
func (b *batcher) together(jobs []*job) {
	n := 0
	for _, j := range jobs {
		n += j.n
	}
	in := jobs[0].in
	if len(jobs) > 1 {
		in = make([]vm.Array, len(in))
		for i := range in {
			in[i] = vm.Array{Name: jobs[0].in[i].Name, Shape: slices.Clone(jobs[0].in[i].Shape)}
			in[i].Shape[0] = n
			for _, j := range jobs {
				in[i].Data = append(in[i].Data, j.in[i].Data...)
			}
		}
	}
	values, err := b.pieces(jobs[0], n, in)
	if err != nil && len(jobs) > 1 {
		for _, j := range jobs {
			b.together([]*job{j})
		}
		return
	}
	at := 0
	for _, j := range jobs {
		var own []float32
		if err == nil {
			size := len(values) / n * j.n
			own, at = values[at:at+size:at+size], at+size
		}
		j.done <- result{own, err}
	}
}

// pieces computes n samples in batches of few sizes, since a net is compiled anew for each
// size: the next larger one, filled up, or the next smaller one if that would be less than
// half full.
func (b *batcher) pieces(first *job, n int, in []vm.Array) (values []float32, err error) {
	for at := 0; at < n; {
		if n > b.max && first.ctx.Err() != nil { // a single job, and nobody waits for it
			return nil, first.ctx.Err()
		}
		size := b.sizeFor(n - at)
		count := min(size, n-at)
		args := make([]vm.Array, len(in))
		for i, a := range in {
			args[i] = filled(a, n, at, count, size)
		}
		out, err := b.compute(first.part.Output.Name, args[0].Data, args[1:]...)
		b.ran(count)
		if err != nil {
			return nil, err
		}
		out = out[:len(out)/size*count]
		if count == n {
			return out, nil
		}
		values = append(values, out...)
		at += count
	}
	return values, nil
}

// sizeFor is the size of the batch for what is left of some samples.
func (b *batcher) sizeFor(left int) int {
	at, _ := slices.BinarySearch(b.sizes, left)
	if at == len(b.sizes) {
		return b.max
	}
	if at > 0 && 2*left < b.sizes[at] {
		at--
	}
	return b.sizes[at]
}

// filled is a batch of count of n samples from one on, filled up to a size with the last of
// them.
func filled(a vm.Array, n, at, count, size int) vm.Array {
	each := len(a.Data) / n
	out := vm.Array{Name: a.Name, Shape: append([]int{size}, a.Shape[1:]...), Data: a.Data[at*each : (at+count)*each]}
	if count == size {
		return out
	}
	own := make([]float32, 0, size*each)
	own = append(own, out.Data...)
	for range size - count {
		own = append(own, out.Data[(count-1)*each:]...)
	}
	out.Data = own
	return out
}
