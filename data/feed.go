// Where batches get their samples: a set, in the order of each epoch, or a stream.

package data

import (
	"errors"
	"fmt"
	"io"
)

// A feed fills one batch after another. But for read, it is used by one goroutine at a time.
type feed interface {
	// begin sets a batch's N, Epoch, First, Index and Whole, and moves on. At the end of an epoch it returns io.EOF and
	// moves to the next.
	begin(b *Batch) error
	// read fills the fields of a batch, or of a part of one. Several goroutines may read parts at once.
	read(b *Batch) error
	position() Position
	seek(Position) error
}

// A setFeed gives the samples of a set, in a new permutation for every epoch if shuffle is set.
type setFeed struct {
	set      Set
	seed     uint64
	shuffle  bool
	dropLast bool
	part     func(n int) (first, end int) // nil for all of a batch
	at       Position
	order    []int // of the epoch ordered, if shuffle
	ordered  int   // -1 before the first
}

func newSetFeed(set Set, opts BatchOptions) *setFeed {
	of := inOrder(set)
	if opts.Shuffle {
		of = fmt.Sprintf("%d samples shuffled with seed %d", set.Len(), opts.Seed)
	}
	return &setFeed{
		set: set, seed: opts.Seed, shuffle: opts.Shuffle, dropLast: opts.DropLast, part: opts.Part,
		at: Position{Of: of}, ordered: -1,
	}
}

func (f *setFeed) position() Position { return f.at }

func (f *setFeed) seek(p Position) error {
	if err := p.within(f.at.Of); err != nil {
		return err
	}
	if p.Next > f.set.Len() {
		return fmt.Errorf("seek: no sample %d in a set of %d", p.Next, f.set.Len())
	}
	f.at.Epoch, f.at.Next = p.Epoch, p.Next
	return nil
}

func (f *setFeed) begin(b *Batch) error {
	size := b.room
	n := min(size, f.set.Len()-f.at.Next)
	if n == 0 || n < size && f.dropLast {
		f.at = f.at.nextEpoch()
		return io.EOF
	}
	if f.shuffle && f.ordered != f.at.Epoch {
		if f.order == nil {
			f.order = make([]int, f.set.Len())
		}
		permute(f.order, f.seed, f.at.Epoch)
		f.ordered = f.at.Epoch
	}
	first, end := 0, n
	if f.part != nil {
		if first, end = f.part(n); first < 0 || end > n || first >= end {
			return fmt.Errorf("BatchOptions.Part chooses the samples %d to %d of a batch of %d", first, end, n)
		}
	}
	b.resize(end - first)
	b.Epoch, b.First, b.Whole = f.at.Epoch, f.at.Next+first, n
	b.Index = b.index[:b.N]
	for k := range b.Index {
		if b.Index[k] = b.First + k; f.shuffle {
			b.Index[k] = f.order[b.First+k]
		}
	}
	f.at.Next += n
	return nil
}

func (f *setFeed) read(b *Batch) error {
	if len(b.layout.sizes) == 0 { // only indices are wanted
		return nil
	}
	for k, i := range b.Index {
		if err := f.set.Read(i, b.at(k)); err != nil {
			return readError(err, i, b.Epoch)
		}
	}
	return nil
}

// A streamFeed gives the samples of a stream.
type streamFeed struct {
	stream   Stream
	dropLast bool
	at       Position // differs from the stream's after a short last batch, until the end of the epoch is returned
	ended    bool
}

func newStreamFeed(stream Stream, opts BatchOptions) *streamFeed {
	return &streamFeed{stream: stream, dropLast: opts.DropLast, at: stream.Position()}
}

func (f *streamFeed) position() Position { return f.at }

func (f *streamFeed) seek(p Position) error {
	if err := f.stream.Seek(p); err != nil {
		return err
	}
	f.at.Epoch, f.at.Next, f.ended = p.Epoch, p.Next, false
	return nil
}

// begin reads the samples: only then is it known how many there are.
func (f *streamFeed) begin(b *Batch) error {
	b.resize(b.room)
	b.Epoch, b.First = f.at.Epoch, f.at.Next
	b.Index = nil
	n := 0
	for n < b.room && !f.ended {
		switch err := f.stream.Next(b.at(n)); {
		case err == io.EOF:
			f.ended = true
		case err != nil:
			return notEOF(err)
		default:
			n++
		}
	}
	if f.ended && (n == 0 || f.dropLast) {
		f.at = f.at.nextEpoch()
		f.ended = false
		return io.EOF
	}
	b.resize(n)
	b.Whole = n
	f.at.Next += n
	return nil
}

func (f *streamFeed) read(*Batch) error { return nil }

// readError says which sample could not be read.
func readError(err error, i, epoch int) error {
	return fmt.Errorf("sample %d in epoch %d: %w", i, epoch, notEOF(err))
}

// notEOF hides an io.EOF in an error, such as that of a truncated file, which would pass for the end of the epoch.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New(err.Error())
	}
	return err
}
