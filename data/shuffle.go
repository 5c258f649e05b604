// The shuffle buffer of streams.

package data

import (
	"fmt"
	"io"
	"slices"
)

// Shuffle returns the samples of a stream in random order, by way of a buffer of size samples: it reads that many,
// gives them in an order that depends on the seed, the epoch and the buffer's number in it, then reads the next as
// many. A sample so moves by less than size places; a size of at least the stream's length shuffles it all, and one
// below 2 changes nothing. Because a buffer is used up before the next is read, a Position is two numbers and holds no
// samples: Seek goes back to where the buffer began and fills it again.
//
// It starts with the epoch that the stream is in. The stream must not be used otherwise as long as the result is. What
// nil gives is an error of Next.
func Shuffle(stream Stream, size int, seed uint64) Stream {
	if stream == nil {
		return missing{fmt.Errorf("shuffle: %w", errNoStream)}
	}
	s := &shuffled{in: stream, size: max(size, 1), seed: seed}
	start := stream.Position()
	of := fmt.Sprintf("buffers of %d shuffled with seed %d", s.size, seed)
	if start.Of != "" {
		of += " from " + start.Of
	}
	s.at = Position{Epoch: start.Epoch, Of: of}
	return s
}

type shuffled struct {
	in   Stream
	size int
	seed uint64
	at   Position // Next counts from the start of the epoch, not of the buffer

	filled bool      // the buffer holds the samples around at
	x      []float32 // the buffer
	labels []int
	order  []int
}

func (s *shuffled) Shape() []int { return s.in.Shape() }
func (s *shuffled) Classes() int { return s.in.Classes() }

func (s *shuffled) Position() Position { return s.at }

func (s *shuffled) Seek(p Position) error {
	if err := p.within(s.at.Of); err != nil {
		return err
	}
	was := s.at
	s.at.Epoch, s.at.Next, s.filled = p.Epoch, p.Next, false
	if err := s.fill(); err != nil {
		s.at = was
		return err
	}
	return nil
}

func (s *shuffled) Next(x []float32) (label int, err error) {
	if err := checkRoom("stream", s.in.Shape(), x); err != nil {
		return -1, err
	}
	if !s.filled {
		if err := s.fill(); err != nil {
			return -1, err
		}
	}
	i := s.at.Next % s.size
	if i == len(s.order) { // only in the last buffer, which may be empty
		s.at = s.at.nextEpoch()
		s.filled = false
		return -1, io.EOF
	}
	k := s.order[i]
	copy(x, s.x[k*len(x):])
	s.at.Next++
	if i+1 == s.size {
		s.filled = false
	}
	return s.labels[k], nil
}

// fill goes to the start of the buffer that the position lies in and reads it.
func (s *shuffled) fill() error {
	block, i := s.at.Next/s.size, s.at.Next%s.size
	start := Position{Epoch: s.at.Epoch, Next: block * s.size}
	if in := s.in.Position(); in.Epoch != start.Epoch || in.Next != start.Next {
		if err := s.in.Seek(start); err != nil {
			return err
		}
	}
	volume, err := volumeOf(s.in.Shape())
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	// The buffer grows with what comes, so that a size beyond the stream's length costs nothing.
	s.x, s.labels = s.x[:0], s.labels[:0]
	for len(s.labels) < s.size {
		at := len(s.x)
		s.x = slices.Grow(s.x, volume)[:at+volume]
		label, err := s.in.Next(s.x[at:])
		if err == io.EOF {
			s.x = s.x[:at]
			break
		}
		if err != nil {
			return err
		}
		s.labels = append(s.labels, label)
	}
	if i > len(s.labels) {
		return fmt.Errorf("seek: no sample %d in epoch %d, which has %d", s.at.Next, s.at.Epoch, start.Next+len(s.labels))
	}
	s.order = slices.Grow(s.order[:0], len(s.labels))[:len(s.labels)]
	permute(s.order, s.seed, s.at.Epoch, block)
	s.filled = true
	return nil
}
