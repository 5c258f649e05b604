// Streams: samples one after another, from a set or from any source that can only be read forwards.

package data

import (
	"errors"
	"fmt"
	"io"
)

// A Stream gives samples in one order, forwards only. It is for one goroutine at a time.
type Stream interface {
	// Fields are the fields of each sample, at least one; always the same.
	Fields() []Field
	// Next reads the next sample: it fills to[k], whose length is the size of field k, as a Set's Read does. After the
	// last sample of an epoch it returns io.EOF once; the call after that begins the next epoch. Any other error says
	// which sample it is about.
	Next(to [][]float32) error
	// Position is the place of the sample that Next would give.
	Position() Position
	// Seek goes to a position, which may be an earlier one; a source that is only read forwards is then read again up
	// to it.
	Seek(Position) error
}

// FromSet returns the samples of a set in their order. For a nil set, Next returns an error.
func FromSet(set Set) Stream {
	if set == nil {
		return missing{fmt.Errorf("stream: %w", errNoSet)}
	}
	return &setStream{set: set, at: Position{Of: inOrder(set)}}
}

// inOrder describes the plain order of a set.
func inOrder(set Set) string { return fmt.Sprintf("%d samples in order", set.Len()) }

type setStream struct {
	set Set
	at  Position
}

func (s *setStream) Fields() []Field    { return s.set.Fields() }
func (s *setStream) Position() Position { return s.at }

func (s *setStream) Next(to [][]float32) error {
	if s.at.Next == s.set.Len() {
		s.at = s.at.nextEpoch()
		return io.EOF
	}
	if err := s.set.Read(s.at.Next, to); err != nil {
		return readError(err, s.at.Next, s.at.Epoch)
	}
	s.at.Next++
	return nil
}

func (s *setStream) Seek(p Position) error {
	if err := p.within(s.at.Of); err != nil {
		return err
	}
	if p.Next > s.set.Len() {
		return fmt.Errorf("seek: no sample %d in a set of %d", p.Next, s.set.Len())
	}
	s.at.Epoch, s.at.Next = p.Epoch, p.Next
	return nil
}

// FromFunc returns the samples of a source that can only be read forwards: a file, a generator. start begins an epoch,
// counted from 0, and returns a function that gives one sample after another: it fills a slice for each field, and
// returns io.EOF after the last sample. The same epoch must give the same samples each time it is started. Seek starts
// the epoch again and reads up to the position. If the fields are not valid, Next returns an error.
func FromFunc(fields []Field, start func(epoch int) (next func(to [][]float32) error, err error)) Stream {
	l, err := newLayout(fields)
	if err != nil {
		return missing{fmt.Errorf("stream: %w", err)}
	}
	return &funcStream{layout: l, start: start, at: Position{Of: "samples as they come"}}
}

type funcStream struct {
	*layout
	start func(int) (func([][]float32) error, error)
	next  func([][]float32) error // nil before an epoch is started
	at    Position
}

func (s *funcStream) Position() Position { return s.at }

func (s *funcStream) Next(to [][]float32) error {
	if err := s.checkRoom("stream", to); err != nil {
		return err
	}
	if s.next == nil {
		if err := s.Seek(s.at); err != nil {
			return err
		}
	}
	switch err := s.next(to); {
	case err == io.EOF:
		s.at = s.at.nextEpoch()
		s.next = nil
		return io.EOF
	case err != nil:
		s.next = nil // the source may be unusable after an error, so the next call starts it again
		return readError(err, s.at.Next, s.at.Epoch)
	}
	s.at.Next++
	return nil
}

func (s *funcStream) Seek(p Position) error {
	if err := p.within(s.at.Of); err != nil {
		return err
	}
	if s.start == nil {
		return errors.New("stream: no function to start an epoch: give FromFunc one")
	}
	s.next = nil // even if start fails, the old source is no longer used
	next, err := s.start(p.Epoch)
	if err == nil && next == nil {
		err = errors.New("it returned no function to read samples")
	}
	if err != nil {
		return fmt.Errorf("start of epoch %d: %w", p.Epoch, notEOF(err))
	}
	skipped := s.room(1)
	for i := range p.Next {
		if err := next(skipped); err == io.EOF {
			return fmt.Errorf("seek: no sample %d in epoch %d, which has %d", p.Next, p.Epoch, i)
		} else if err != nil {
			return fmt.Errorf("seek: %w", readError(err, i, p.Epoch))
		}
	}
	s.at.Epoch, s.at.Next = p.Epoch, p.Next
	s.next = next
	return nil
}
