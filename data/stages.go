// What is done to the samples of a batch, in parts that several goroutines may do.

package data

import (
	"fmt"
	"reflect"
)

// stages read and augment batches. All samples pass a stage before the next begins.
type stages struct {
	feed    feed
	layout  *layout
	augment []Augmentation
	seed    uint64
	all     []stage
	idle    []*hand // of goroutines that are not at work
}

// A stage takes the samples through some augmentations, the first stage after it has read them.
type stage struct {
	from, to int  // the augmentations
	whole    bool // they change the batch as a whole
}

// A hand is the memory of one goroutine at work.
type hand struct {
	part    *Batch   // its samples
	changes []change // of the augmentations
}

// augmentSeed keeps the draws apart from those of the epoch's order.
const augmentSeed = 0x61756720

// maxParts is the number of parts of a batch: enough that goroutines end at about the same time.
const maxParts = 16

// newStages checks the augmentations of the options.
func newStages(in feed, l *layout, opts BatchOptions) (*stages, error) {
	s := &stages{feed: in, layout: l, augment: opts.Augment, seed: mix(opts.Seed ^ augmentSeed), all: []stage{{}}}
	for k, a := range opts.Augment {
		if v := reflect.ValueOf(a); a == nil || v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, fmt.Errorf("augmentation %d is nil: leave it out", k)
		}
		_, whole := a.(interface{ wholeBatch() })
		if _, ok := a.(AugmentFunc); ok && opts.Workers < 2 {
			whole = true
		}
		last := &s.all[len(s.all)-1]
		if whole || last.whole {
			s.all = append(s.all, stage{from: k, whole: whole})
			last = &s.all[len(s.all)-1]
		}
		last.to = k + 1
	}
	h, err := s.hire()
	s.idle = append(s.idle, h)
	return s, err
}

// hire returns the memory for one more goroutine.
func (s *stages) hire() (*hand, error) {
	h := &hand{part: &Batch{layout: s.layout, values: make([][]float32, len(s.layout.sizes)), sample: make([][]float32, len(s.layout.sizes))}}
	for k, a := range s.augment {
		c, err := a.prepare(s.layout)
		if err != nil {
			return nil, fmt.Errorf("augmentation %d, %T: %w", k, a, err)
		}
		h.changes = append(h.changes, c)
	}
	return h, nil
}

// parts is the number of parts of a stage for a batch of n samples.
func (s *stages) parts(k, n int) int {
	if s.all[k].whole {
		return 1
	}
	return min(n, maxParts)
}

// run takes a part of a batch through a stage.
func (s *stages) run(k int, h *hand, b *Batch, part, parts int) error {
	h.part.share(b, part*b.N/parts, (part+1)*b.N/parts)
	if k == 0 {
		if err := s.feed.read(h.part); err != nil {
			return err
		}
	}
	for a := s.all[k].from; a < s.all[k].to; a++ {
		if err := h.changes[a](h.part, draws{s.seed, a, h.part.Epoch, h.part.First}); err != nil {
			return notEOF(err)
		}
	}
	return nil
}

// share makes b the samples of another batch from (inclusive) to to (exclusive), in the same memory.
func (b *Batch) share(of *Batch, from, to int) {
	b.N, b.Epoch, b.First = to-from, of.Epoch, of.First+from
	if b.Index = nil; of.Index != nil {
		b.Index = of.Index[from:to]
	}
	for k, size := range b.layout.sizes {
		b.values[k] = of.values[k][from*size : to*size]
	}
}
