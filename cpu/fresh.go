package cpu

import (
	"strings"
	"unsafe"

	"github.com/stheno-ml/stheno/lower"
)

// runnerMemory allocates what a run publishes.
type runnerMemory[T lower.Float] runner[T]

// Do allocates the memory of one kept node.
func (r *runnerMemory[T]) Do(part, _ int) {
	i := r.freshOutputs[part]
	r.fresh[i] = uninitialized[T](r.plan.Func.Shape(r.plan.Func.Results()[i]).Size())
}

// minUninitializedBytes is the bytes from which it pays not to clear: pieces of whole
// pages, which no other object shares.
const minUninitializedBytes = 1 << 15

// uninitialized returns new memory for n elements that a step writes all of, so that
// nobody has to clear it first, which took a seventh of the step of an LSTM
// written in Gorgonia's ops. The standard library hands out such memory for a
// string that is being built; this one is never read as a string.
func uninitialized[T lower.Float](n int) []T {
	var x T
	size := n * int(unsafe.Sizeof(x))
	if size < minUninitializedBytes {
		return make([]T, n)
	}
	var memory strings.Builder
	memory.Grow(size)
	memory.WriteByte(0) // an empty string has no address
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.StringData(memory.String()))), n)
}
