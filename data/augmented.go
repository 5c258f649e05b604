// Batches of a feed, augmented by one goroutine or by several.

package data

import (
	"fmt"
	"reflect"
	"sync"
)

// An augmented feed changes the batches of another feed.
type augmented struct {
	feed
	seed  uint64
	steps []augmentStep
	parts []*Batch // for each worker, its samples
}

// An augmentStep has the change of each worker, which has memory of its own, or one change of the whole batch.
type augmentStep []change

// augmentSeed keeps the draws apart from those of the epoch's order.
const augmentSeed = 0x61756720

// maxWorkers bounds the goroutines that augment a batch.
const maxWorkers = 1 << 10

// augment returns the feed with the augmentations of the options.
func augment(in feed, l *layout, opts BatchOptions) (feed, error) {
	if opts.Workers < 0 || opts.Workers > maxWorkers {
		return nil, fmt.Errorf("%d workers: want 1 to %d, or 0 for 1", opts.Workers, maxWorkers)
	}
	if len(opts.Augment) == 0 {
		return in, nil
	}
	workers := max(opts.Workers, 1)
	f := &augmented{feed: in, seed: mix(opts.Seed ^ augmentSeed)}
	for range workers {
		f.parts = append(f.parts, &Batch{layout: l, values: make([][]float32, len(l.sizes)), sample: make([][]float32, len(l.sizes))})
	}
	for k, a := range opts.Augment {
		if v := reflect.ValueOf(a); a == nil || v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, fmt.Errorf("augmentation %d is nil: leave it out", k)
		}
		n := workers
		if _, ok := a.(interface{ wholeBatch() }); ok {
			n = 1
		}
		var step augmentStep
		for range n {
			c, err := a.prepare(l)
			if err != nil {
				return nil, fmt.Errorf("augmentation %d, %T: %w", k, a, err)
			}
			step = append(step, c)
		}
		f.steps = append(f.steps, step)
	}
	return f, nil
}

func (f *augmented) fill(b *Batch) error {
	if err := f.feed.fill(b); err != nil {
		return err
	}
	for k, step := range f.steps {
		if err := f.run(k, step, b); err != nil {
			return notEOF(err)
		}
	}
	return nil
}

// run changes a batch, each worker its part. Of several errors, it returns that of the first part.
func (f *augmented) run(k int, step augmentStep, b *Batch) error {
	if len(step) == 1 {
		return step[0](b, draws{f.seed, k, b.Epoch, b.First})
	}
	errs := make([]error, len(step))
	var all sync.WaitGroup
	for w, change := range step {
		part := f.parts[w]
		part.share(b, w*b.N/len(step), (w+1)*b.N/len(step))
		if part.N == 0 {
			continue
		}
		all.Go(func() { errs[w] = change(part, draws{f.seed, k, part.Epoch, part.First}) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// share makes b the samples of another batch from (inclusive) to to (exclusive), in the same memory.
func (b *Batch) share(of *Batch, from, to int) {
	b.N, b.Epoch, b.First = to-from, of.Epoch, of.First+from
	for k, size := range b.layout.sizes {
		b.values[k] = of.values[k][from*size : to*size]
	}
}
