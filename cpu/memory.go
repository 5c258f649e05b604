package cpu

import "github.com/stheno-ml/stheno/vm"

// Memory is the plan's arena, those of the images that each worker has at hand,
// and the workers' scratch.
func (r *runner[T]) Memory() vm.Memory {
	width := int64(r.plan.Dtype.Size())
	arena, least := int64(r.plan.Arena)*width, int64(r.plan.Least)*width
	region := int64(0) // regions take turns in the workers' memory
	for i, alive := range r.plan.Alive() {
		s, ok := any(r.steps[i]).(*regionStep)
		if !ok {
			continue
		}
		workers := 4 * int64(len(s.worker))
		region = max(region, workers*int64(s.arena))
		least = max(least, int64(alive)*width+workers*int64(s.least))
	}
	return vm.Memory{Arena: arena + region, Least: least, Scratch: r.held - region}
}

// size is the number of elements allocated.
func (w *workspace[T]) size() int64 {
	n := len(w.shared)
	for _, x := range w.worker {
		n += len(x)
	}
	return int64(n)
}

// size is the number of elements allocated.
func (s *registers[T]) size() int64 {
	n := 0
	for _, x := range s.worker {
		n += len(x)
	}
	return int64(n)
}
