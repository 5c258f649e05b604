package cpu

// workspace is the scratch memory of a machine's workers, which all steps
// share: each says how much it needs of it when it is made.
type workspace struct {
	need   int
	worker [][]float32

	needShared int
	shared     []float32 // which the workers of one step share
}

func newWorkspace(workers int) *workspace {
	return &workspace{worker: make([][]float32, workers)}
}

// reserve makes sure that every worker will have n elements.
func (w *workspace) reserve(n int) { w.need = max(w.need, n) }

// share makes sure that the workers will have n elements in common.
func (w *workspace) share(n int) { w.needShared = max(w.needShared, n) }

// alloc allocates what was reserved.
func (w *workspace) alloc() {
	if len(w.shared) < w.needShared {
		w.shared = make([]float32, w.needShared)
	}
	for i := range w.worker {
		w.worker[i] = make([]float32, w.need)
	}
}
