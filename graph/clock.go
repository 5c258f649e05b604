package graph

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// clockName is the name of the input that random numbers are counted by.
const clockName = "clock"

// Clock returns the node that every random number of the graph is counted by:
// the one input named "clock", [4], made on first use whatever the scope. It
// holds the epoch and the number of the batch's first sample in the epoch's
// order, each as two 16-bit words, the low one first; set it with SetClock.
func (b *Builder) Clock() *Node {
	if b.Err() != nil {
		return nil
	}
	if n := b.inputs[clockName]; n != nil {
		if !Shape(n.Shape()).Equal(Shape{4}) {
			b.Failf("random numbers: the input %q is %v, but it must be the clock, [4]: give that input another name", clockName, Shape(n.Shape()))
			return nil
		}
		return n
	}
	n := (&Builder{b.build, ""}).Input(clockName, 4)
	b.optional(n, 0)
	return n
}

// ClockNode returns the clock, or nil if the graph draws no random numbers.
func (b *Builder) ClockNode() *Node { return b.inputs[clockName] }

// ClockOf returns the clock's words at an epoch and a sample in the epoch's order,
// both from 0 to 2^32-1.
func ClockOf(epoch, sample int) (words [4]float64, err error) {
	if uint64(epoch) > math.MaxUint32 || uint64(sample) > math.MaxUint32 {
		return words, fmt.Errorf("clock at epoch %d, sample %d: want both from 0 to 2^32-1", epoch, sample)
	}
	return lower.ClockWords(uint32(epoch), uint32(sample)), nil
}

// SetClock sets the clock before a run: the epoch, and the number in the
// epoch's order of the sample that is the batch's first, both from 0 to
// 2^32-1. A loop that counts both draws fresh numbers in every step, and the
// same ones whatever the batch size; a clock that is never set stays at 0, and
// every step draws the same numbers. A nil node, as ClockNode returns for a
// graph that draws nothing, is left alone.
func SetClock(n *Node, epoch, sample int) error {
	if n == nil {
		return nil
	}
	exact, err := ClockOf(epoch, sample)
	if err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	var words [4]float32
	for i, w := range exact {
		words[i] = float32(w) // exact: 16 bits
	}
	return Fill(n, words[:])
}
