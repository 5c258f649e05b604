package cpu

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/available"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// checkMemory returns an error if a run certainly needs more memory than is free. It
// counts the arena, the published values, and the given number of scratch elements.
func (r *runner[T]) checkMemory(scratch int64) error {
	elements := int64(r.plan.Arena) + scratch
	for v, l := range r.plan.Values {
		if l.Place == plan.Fresh && l.Root == lower.Value(v) {
			elements += int64(l.Shape.Size())
		}
	}
	width := int64(r.plan.Dtype.Size())
	need := elements * width
	free, lacking := available.Lacking(need)
	if !lacking {
		return nil
	}
	return fmt.Errorf("out of memory: %v", compiled.MemoryShortage{Plan: r.plan, Need: need, Arena: int64(r.plan.Arena) * width, Free: free})
}

// Memory is the plan's arena with the image arenas of all workers, and the workers'
// scratch.
func (r *runner[T]) Memory() vm.Memory {
	width := int64(r.plan.Dtype.Size())
	arena, least := int64(r.plan.Arena)*width, int64(r.plan.Least)*width
	region := int64(0) // one region runs at a time, so they share the workers' memory
	for i, alive := range r.plan.Alive() {
		s, ok := any(r.steps[i]).(*regionStep)
		if !ok {
			continue
		}
		workers := 4 * int64(len(s.worker))
		region = max(region, workers*int64(s.arena))
		least = max(least, int64(alive)*width+workers*int64(s.least))
	}
	return vm.Memory{Arena: arena + region, Least: least, Scratch: r.workerBytes - region}
}

// reserved is the number of elements that alloc allocates.
func (w *workspace[T]) reserved() int64 {
	return int64(w.needShared) + int64(w.need)*int64(len(w.worker))
}

// reserved is the number of elements that alloc allocates.
func (s *registers[T]) reserved() int64 { return int64(s.need) * int64(len(s.worker)) }

// allocated is the number of elements allocated.
func (w *workspace[T]) allocated() int64 {
	n := len(w.shared)
	for _, x := range w.worker {
		n += len(x)
	}
	return int64(n)
}

// allocated is the number of elements allocated.
func (s *registers[T]) allocated() int64 {
	n := 0
	for _, x := range s.worker {
		n += len(x)
	}
	return int64(n)
}
