package cpu

import (
	"strings"
	"unsafe"

	"github.com/stheno-ml/stheno/lower"
)

// runnerMemory allocates the memory of published values.
type runnerMemory[T lower.Float] runner[T]

// Do allocates the memory of one kept node.
func (r *runnerMemory[T]) Do(part, _ int) {
	i := r.freshOutputs[part]
	r.fresh[i] = uninitialized[T](r.plan.Func.Shape(r.plan.Func.Results()[i]).Size())
}

// minUninitializedBytes is the least size for which it pays not to clear memory. Such
// an allocation has whole pages that no other object shares.
const minUninitializedBytes = 1 << 15

// uninitialized returns new memory for n elements without clearing it. The caller
// must write all of it. Clearing took a seventh of the step of an LSTM written in
// Gorgonia's ops. The standard library allocates such memory for a strings.Builder.
// Nothing here reads it as a string.
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
