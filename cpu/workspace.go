package cpu

import "github.com/stheno-ml/stheno/lower"

// workspace is the scratch memory of a machine's workers. All steps share it: each
// reserves what it needs when it is planned.
type workspace[T lower.Float] struct {
	need   int
	worker [][]T

	needShared int
	shared     []T // for all workers of a step together
}

func newWorkspace[T lower.Float](workers int) *workspace[T] {
	return &workspace[T]{worker: make([][]T, workers)}
}

// reserve gives every worker at least n elements.
func (w *workspace[T]) reserve(n int) { w.need = max(w.need, n) }

// share gives the workers at least n elements in common.
func (w *workspace[T]) share(n int) { w.needShared = max(w.needShared, n) }

// alloc allocates the reserved memory.
func (w *workspace[T]) alloc() {
	if len(w.shared) < w.needShared {
		w.shared = make([]T, w.needShared)
	}
	for i := range w.worker {
		w.worker[i] = make([]T, w.need)
	}
}
