package cpu

import "github.com/stheno-ml/stheno/lower"

// workspace is the scratch memory of a machine's workers, which all steps
// share: each says how much it needs of it when it is made.
type workspace[T lower.Float] struct {
	need   int
	worker [][]T

	needShared int
	shared     []T // which the workers of one step share
}

func newWorkspace[T lower.Float](workers int) *workspace[T] {
	return &workspace[T]{worker: make([][]T, workers)}
}

// reserve makes sure that every worker will have n elements.
func (w *workspace[T]) reserve(n int) { w.need = max(w.need, n) }

// share makes sure that the workers will have n elements in common.
func (w *workspace[T]) share(n int) { w.needShared = max(w.needShared, n) }

// alloc allocates what was reserved.
func (w *workspace[T]) alloc() {
	if len(w.shared) < w.needShared {
		w.shared = make([]T, w.needShared)
	}
	for i := range w.worker {
		w.worker[i] = make([]T, w.need)
	}
}
