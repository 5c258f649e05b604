package cpu

import (
	"cmp"
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// topKStep takes the k largest elements of each vector along an axis. If k is small,
// it keeps the largest so far in order while it scans the vector. A block whose
// maximum is not above the smallest of them is skipped. Otherwise it sorts the
// vector.
type topKStep[T lower.Float] struct {
	vector *kernel.Vector[T]
	n, k   int // elements of a vector, and the number taken
	step   int // stride along the axis
	count  int // vectors
	grain  int // vectors per part
	worker []topKMemory[T]

	in              lower.Array[T]
	values, indices []T
}

// topKMemory is the memory of one worker.
type topKMemory[T lower.Float] struct {
	x    []T         // a vector
	best []ranked[T] // the largest elements so far, or all
}

// ranked is an element and its index.
type ranked[T lower.Float] struct {
	value T
	at    int32
}

// topKBlock is the number of elements whose maximum is computed at once.
const topKBlock = 64

func newTopKStep[T lower.Float](p lower.TopK, shape lower.Shape, v *kernel.Vector[T], workers int) *topKStep[T] {
	s := &topKStep[T]{vector: v, n: shape[p.Axis], k: p.K, step: shape[p.Axis+1:].Size()}
	s.count = shape.Size() / s.n
	s.grain = max(1, 1<<11/s.n)
	size := s.n
	if s.keepsSorted() {
		size = s.k
	}
	for range workers {
		s.worker = append(s.worker, topKMemory[T]{make([]T, s.n), make([]ranked[T], size)})
	}
	return s
}

// keepsSorted reports whether k is small enough to keep the largest elements in
// order.
func (s *topKStep[T]) keepsSorted() bool { return s.k <= 64 && s.k*4 <= s.n }

func (s *topKStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.values, s.indices = in[0], out[0].Data[out[0].Off:], out[1].Data[out[1].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do computes the vectors of one part.
func (s *topKStep[T]) Do(part, worker int) {
	m := s.worker[worker]
	for line := part * s.grain; line < min((part+1)*s.grain, s.count); line++ {
		x := m.x
		at := line/s.step*s.n*s.step + line%s.step
		switch {
		case s.step == 1 && s.in.Contiguous():
			x = s.in.Data[s.in.Off+at:][:s.n]
		case s.step == 1:
			s.in.CopyRange(x, at)
		default:
			for i := range x {
				s.in.CopyRange(x[i:i+1], at+i*s.step)
			}
		}
		if s.keepsSorted() {
			s.scan(m.best, x)
		} else {
			sortDescending(m.best, x)
		}
		to := line/s.step*s.k*s.step + line%s.step
		for i, r := range m.best[:s.k] {
			s.values[to+i*s.step], s.indices[to+i*s.step] = r.value, T(r.at)
		}
	}
}

// scan fills best with the largest elements of x, in order.
func (s *topKStep[T]) scan(best []ranked[T], x []T) {
	sortDescending(best, x[:len(best)])
	last := &best[len(best)-1]
	for from := len(best); from < len(x); from += topKBlock {
		block := x[from:min(from+topKBlock, len(x))]
		if !lower.Above(s.vector.Max(block), last.value) {
			continue
		}
		for i, v := range block {
			if lower.Above(v, last.value) {
				insert(best, ranked[T]{v, int32(from + i)})
			}
		}
	}
}

// insert puts an element behind all that it is not above, and drops the last.
func insert[T lower.Float](best []ranked[T], r ranked[T]) {
	i := len(best) - 1
	for ; i > 0 && lower.Above(r.value, best[i-1].value); i-- {
		best[i] = best[i-1]
	}
	best[i] = r
}

// sortDescending fills best with all elements of x, in order.
func sortDescending[T lower.Float](best []ranked[T], x []T) {
	for i, v := range x {
		best[i] = ranked[T]{v, int32(i)}
	}
	slices.SortFunc(best, func(a, b ranked[T]) int {
		if lower.Above(a.value, b.value) {
			return -1
		}
		if lower.Above(b.value, a.value) {
			return 1
		}
		return cmp.Compare(a.at, b.at)
	})
}
