package cpu

// workspace is the scratch memory of a machine's workers, which all steps
// share: each says how much it needs of it when it is made.
type workspace struct {
	need   int
	worker [][]float32
}

func newWorkspace(workers int) *workspace {
	return &workspace{worker: make([][]float32, workers)}
}

// reserve makes sure that every worker will have n elements.
func (w *workspace) reserve(n int) { w.need = max(w.need, n) }

// alloc allocates what was reserved.
func (w *workspace) alloc() {
	for i := range w.worker {
		w.worker[i] = make([]float32, w.need)
	}
}

// grow makes sure that every worker has n elements now, for work whose size is
// known only as it comes.
func (w *workspace) grow(n int) {
	if n > w.need {
		w.need = n
		w.alloc()
	}
}

// carve cuts slices of the given sizes off a worker's memory.
func carve(memory []float32, sizes ...int) [4][]float32 {
	var out [4][]float32
	for i, n := range sizes {
		out[i], memory = memory[:n:n], memory[n:]
	}
	return out
}
