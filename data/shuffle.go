// The shuffle buffer of streams.

package data

import (
	"fmt"
	"io"
	"slices"
)

// Shuffle returns the samples of a stream in random order, through a buffer of size samples. It fills the buffer, gives
// its samples in an order that depends on the seed, the epoch and the buffer's number in the epoch, and fills it again.
// So a sample moves by fewer than size places; a size of at least the stream's length shuffles all of it, and one below
// 2 changes nothing. Because a buffer is used up before the next is read, a Position is two numbers and holds no
// samples: Seek goes back to where the buffer began and fills it again.
//
// It starts with the epoch that the stream is in. The stream must not be used otherwise while the result is in use. For
// a nil stream, Next returns an error.
func Shuffle(stream Stream, size int, seed uint64) Stream {
	if stream == nil {
		return missing{fmt.Errorf("shuffle: %w", errNoStream)}
	}
	if m, ok := stream.(missing); ok {
		return m
	}
	l, err := newLayout(stream.Fields())
	if err != nil {
		return missing{fmt.Errorf("shuffle: %w", err)}
	}
	s := &shuffled{layout: l, in: stream, size: max(size, 1), seed: seed}
	start := stream.Position()
	of := fmt.Sprintf("buffers of %d shuffled with seed %d", s.size, seed)
	if start.Of != "" {
		of += " from " + start.Of
	}
	s.at = Position{Epoch: start.Epoch, Of: of}
	return s
}

type shuffled struct {
	*layout
	in   Stream
	size int
	seed uint64
	at   Position // Next counts from the start of the epoch, not of the buffer

	filled bool        // the buffer holds the samples around at
	buffer [][]float32 // by field
	sample [][]float32 // the sample that is being read
	order  []int       // of the samples in the buffer
}

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

func (s *shuffled) Next(to [][]float32) error {
	if err := s.checkRoom("stream", to); err != nil {
		return err
	}
	if !s.filled {
		if err := s.fill(); err != nil {
			return err
		}
	}
	i := s.at.Next % s.size
	if i == len(s.order) { // only in the last buffer, which may be empty
		s.at = s.at.nextEpoch()
		s.filled = false
		return io.EOF
	}
	for k, size := range s.sizes {
		copy(to[k], s.buffer[k][s.order[i]*size:])
	}
	s.at.Next++
	if i+1 == s.size {
		s.filled = false
	}
	return nil
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
	// The buffer grows with the samples, so a size beyond the stream's length costs nothing.
	if s.buffer == nil {
		s.buffer, s.sample = make([][]float32, len(s.sizes)), make([][]float32, len(s.sizes))
	}
	n := 0
	for ; n < s.size; n++ {
		for k, size := range s.sizes {
			s.buffer[k] = slices.Grow(s.buffer[k][:n*size], size)[:(n+1)*size]
			s.sample[k] = s.buffer[k][n*size:]
		}
		err := s.in.Next(s.sample)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if i > n {
		return fmt.Errorf("seek: no sample %d in epoch %d, which has %d", s.at.Next, s.at.Epoch, start.Next+n)
	}
	s.order = slices.Grow(s.order[:0], n)[:n]
	permute(s.order, s.seed, s.at.Epoch, block)
	s.filled = true
	return nil
}
