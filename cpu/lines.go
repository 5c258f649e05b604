package cpu

import "github.com/stheno-ml/stheno/lower"

// lines are the vectors of an array along an axis.
type lines struct {
	n    int // elements of a line
	step int // stride along the axis, in row-major order
}

func linesOf(shape lower.Shape, axis int) lines {
	return lines{shape[axis], shape[axis+1:].Size()}
}

// at is the row-major position of the first element of line k.
func (l lines) at(k int) int { return lower.LineAt(k, l.n, l.step) }

// lineReader reads the lines of an array.
type lineReader[T lower.Float] struct {
	lines
	of         lower.Array[T]
	contiguous bool
}

func readLines[T lower.Float](l lines, a lower.Array[T]) lineReader[T] {
	return lineReader[T]{l, a, a.Contiguous()}
}

// line returns the elements of line k: in place if they are adjacent, else copied to
// memory [n].
func (r *lineReader[T]) line(k int, memory []T) []T {
	at := r.at(k)
	switch {
	case r.contiguous && r.step == 1:
		return r.of.Data[r.of.Off+at:][:r.n]
	case r.contiguous:
		for i := range memory {
			memory[i] = r.of.Data[r.of.Off+at+i*r.step]
		}
	case r.step == 1:
		r.of.CopyRange(memory, at)
	default:
		for i := range memory {
			r.of.CopyRange(memory[i:i+1], at+i*r.step)
		}
	}
	return memory
}
