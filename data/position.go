// Positions: where a reader of samples is, as a value that a checkpoint can hold.

package data

import "fmt"

// A Position says where a Stream or Batches are. The zero Position is the start of the first epoch, and Position{Epoch:
// e} is the start of epoch e. After Seek to a Position, the same samples follow as when it was taken. It counts
// samples, so Batches of another size also continue with the right sample.
type Position struct {
	// Epoch counts the passes through all samples, from 0.
	Epoch int `json:"epoch"`
	// Next is the number of samples of this epoch already given.
	Next int `json:"next"`
	// Of describes the order that the position belongs to: how many samples, in which order. If it is not empty, Seek
	// returns an error for a reader with another order.
	Of string `json:"of,omitempty"`
}

// within checks that p is a position of the order described by of.
func (p Position) within(of string) error {
	if p.Epoch < 0 || p.Next < 0 {
		return fmt.Errorf("seek: no sample %d in epoch %d", p.Next, p.Epoch)
	}
	if p.Of != "" && p.Of != of {
		return fmt.Errorf("seek: the position belongs to %s, but here are %s", p.Of, of)
	}
	return nil
}

// nextEpoch is the start of the epoch after p's.
func (p Position) nextEpoch() Position { return Position{Epoch: p.Epoch + 1, Of: p.Of} }
