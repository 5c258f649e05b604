// Batches: samples by the batch, in the order of an epoch, prepared ahead of the step that uses them.

package data

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// BatchOptions are the options of NewBatches and NewStreamBatches.
type BatchOptions struct {
	// Size is the number of samples in a batch; 0: 128.
	Size int
	// Shuffle gives each epoch an order of its own, from Seed and the epoch's number. For a stream, use the function
	// Shuffle instead.
	Shuffle bool
	// Seed is the seed of the order and of Augment.
	Seed uint64
	// DropLast leaves out the last batch of an epoch if it is smaller than Size.
	DropLast bool
	// IndicesOnly leaves the samples unread: batches have N, Epoch, First and Index, and no fields. It is for those who
	// keep the samples elsewhere, such as on a GPU. It excludes Augment.
	IndicesOnly bool
	// Part, if not nil, chooses which samples of a batch of n are read, from the first to before the end, at least one: for
	// several processes that share a batch. N and First are those of the part. It is for sets only.
	Part func(n int) (first, end int)
	// Prefetch is the number of batches prepared ahead; 0: 2; below 0: none, and no goroutine prepares them.
	Prefetch int
	// Augment changes the samples of each batch at random, in this order. It is for training: batches to validate or to
	// test on leave it out. What becomes of a sample depends on Seed, on the epoch and on its place in the epoch's
	// order: after Seek to a Position, and for another Size (but for Mixup), it is the same. The set's own values do not
	// change.
	Augment []Augmentation
	// Workers is the number of goroutines that prepare a batch ahead, each a part of its samples; 0: 1. The result does
	// not depend on it.
	Workers int
	// Help, if not nil, calls work on several goroutines at once, and returns when all calls have returned. Next calls it
	// if its batch is not ready, and they prepare it together. It is for the goroutines of a step that keeps all
	// processors busy, so that none is left for workers while it runs. The end of a context does not end a Read.
	Help func(work func())
}

// Batches give the samples of a set or a stream batch by batch, epoch after epoch without end. They are for one
// goroutine at a time.
type Batches struct {
	feed     feed
	stages   *stages
	size     int
	room     int // samples that fit in a batch's memory, at most size
	layout   *layout
	prefetch int
	workers  int
	help     func(work func())
	perEpoch int
	at       Position // after the last batch that Next gave
	last     *Batch   // that batch, to be used again
	err      error    // returned by every Next until Seek
	reader   *reader  // prepares batches; nil before the first
}

// maxWorkers bounds the goroutines that prepare a batch.
const maxWorkers = 1 << 10

// errClosed is the error of closed Batches.
var errClosed = errors.New("the batches are closed")

// NewBatches returns the batches of a set, which must have at least one sample. Close them after use.
//
// With Shuffle, the order of an epoch is a Fisher-Yates shuffle by PCG-DXSM, keyed by seed and epoch only: the same on
// every platform, whatever the size of the batches.
func NewBatches(set Set, opts BatchOptions) (*Batches, error) {
	if set == nil {
		return nil, fmt.Errorf("batches: %w", errNoSet)
	}
	if opts.IndicesOnly && len(opts.Augment) > 0 {
		return nil, errors.New("batches: IndicesOnly excludes Augment, which needs the samples")
	}
	l, err := layoutFor(set, opts)
	if err != nil {
		return nil, fmt.Errorf("batches: %w", err)
	}
	b, err := newBatches(newSetFeed(set, opts), l, opts, set.Len())
	switch {
	case err != nil:
		return nil, err
	case set.Len() == 0:
		return nil, errors.New("batches: the set has no samples")
	case opts.Shuffle && set.Len() > maxVolume:
		return nil, fmt.Errorf("batches: a set of %d samples cannot be shuffled, at most %d can: take a Subset, or shuffle a stream of it", set.Len(), maxVolume)
	case opts.DropLast && set.Len() < b.size:
		return nil, fmt.Errorf("batches: a set of %d samples has no full batch of %d; make Size smaller or keep the last",
			set.Len(), b.size)
	}
	b.perEpoch = set.Len() / b.size
	if !opts.DropLast && set.Len()%b.size > 0 {
		b.perEpoch++
	}
	return b, nil
}

// NewStreamBatches returns the batches of a stream, from its current position on. Until Close, the stream must not be
// used otherwise. Options.Shuffle must not be set.
func NewStreamBatches(stream Stream, opts BatchOptions) (*Batches, error) {
	if stream == nil {
		return nil, fmt.Errorf("batches: %w", errNoStream)
	}
	if opts.Shuffle {
		return nil, errors.New("batches: a stream is shuffled by the function Shuffle, not by its batches")
	}
	if opts.Part != nil {
		return nil, errors.New("batches: a stream has no parts of batches: leave out Part")
	}
	if m, ok := stream.(missing); ok {
		return nil, fmt.Errorf("batches: %w", m.err)
	}
	if opts.IndicesOnly {
		return nil, errors.New("batches: the samples of a stream have no indices: leave out IndicesOnly")
	}
	l, err := newLayout(stream.Fields())
	if err != nil {
		return nil, fmt.Errorf("batches: %w", err)
	}
	return newBatches(newStreamFeed(stream, opts), l, opts, math.MaxInt)
}

// layoutFor returns the layout of a set's batches: no fields, if only indices are wanted.
func layoutFor(set Set, opts BatchOptions) (*layout, error) {
	if opts.IndicesOnly {
		return &layout{}, nil
	}
	return newLayout(set.Fields())
}

// newBatches returns the batches of a feed that never fills one with more than most samples.
func newBatches(feed feed, l *layout, opts BatchOptions, most int) (*Batches, error) {
	b := &Batches{feed: feed, layout: l, size: opts.Size, prefetch: opts.Prefetch, help: opts.Help, at: feed.position()}
	if b.size == 0 {
		b.size = 128
	}
	if b.prefetch == 0 {
		b.prefetch = 2
	}
	if b.size < 0 {
		return nil, fmt.Errorf("batches: the size %d is below 1", b.size)
	}
	if opts.Workers < 0 || opts.Workers > maxWorkers {
		return nil, fmt.Errorf("batches: %d workers: want 1 to %d, or 0 for 1", opts.Workers, maxWorkers)
	}
	if b.workers = max(1, opts.Workers); b.prefetch < 0 {
		b.workers = 0
	}
	var err error
	if b.stages, err = newStages(feed, b.layout, opts); err != nil {
		return nil, fmt.Errorf("batches: %w", err)
	}
	b.room = max(1, min(b.size, most))
	prefetch := max(b.prefetch, 0)
	if prefetch < maxVolume {
		_, err = volumeOf([]int{prefetch + 1, b.room, max(1, b.layout.total)})
	}
	if err != nil || prefetch >= maxVolume {
		return nil, fmt.Errorf("batches: %d ahead, of %d samples of %d values: want at most %d values in all", prefetch, b.room, b.layout.total, maxVolume)
	}
	return b, nil
}

// Fields are those of each sample, in their order. They must not be changed.
func (b *Batches) Fields() []Field {
	if b.layout == nil {
		return nil
	}
	return b.layout.fields
}

// Next returns the next batch. After the last of an epoch it returns io.EOF once; the call after that begins the next
// epoch. The batch and its slices are valid until the next call of Next, Seek or Close, which use them again; copy what
// must live longer.
//
// When ctx ends, Next returns its error and no batch is lost. An error of the set or stream, which names the sample, is
// returned by this and every further call, until Seek; batches before it are given first. It never wraps io.EOF, so
// errors.Is may be used to find the end of an epoch.
func (b *Batches) Next(ctx context.Context) (*Batch, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	if b.feed == nil {
		return nil, errNotMade
	}
	if b.err != nil {
		return nil, b.err
	}
	if b.reader == nil {
		b.reader = newReader(b.stages, max(0, b.prefetch), b.workers, b.help, b.room)
	}
	if b.last != nil {
		b.reader.give(b.last)
		b.last = nil
	}
	got, err := b.reader.next(ctx)
	if err != nil {
		return nil, err
	}
	b.last = got.batch
	b.at = got.after
	if got.err != nil {
		if !got.ended {
			b.err = got.err
		}
		return nil, got.err
	}
	return got.batch, nil
}

// PerEpoch is the number of batches in a whole epoch; 0 for a stream, whose length is not known.
func (b *Batches) PerEpoch() int { return b.perEpoch }

// Position is the place of the batch that Next would give, no matter how many are already prepared.
func (b *Batches) Position() Position { return b.at }

// Seek goes to a position of these or of other Batches over the same samples in the same order.
func (b *Batches) Seek(p Position) error {
	if b.err == errClosed {
		return b.err
	}
	if b.feed == nil {
		return errNotMade
	}
	b.stop()
	err := b.feed.seek(p)
	if err != nil {
		// Batches prepared ahead are discarded, so stay where Next stopped.
		if back := b.feed.seek(b.at); back != nil {
			b.err = back
		}
		return err
	}
	b.at, b.err = b.feed.position(), nil
	return nil
}

// Close stops preparing batches; the last batch is no longer valid. It waits for the batch that is being read, and
// returns nil. Closing again does nothing.
func (b *Batches) Close() error {
	b.stop()
	b.err = errClosed
	return nil
}

func (b *Batches) stop() {
	if b.reader != nil {
		b.reader.stop()
		b.reader = nil
	}
	b.last = nil
}
