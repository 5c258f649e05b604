package cpu

import (
	"cmp"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// topKStep takes the greatest elements of each vector along an axis. Few of many
// are held in order while the vector passes by: a block without anything greater
// than the last of them costs its maximum alone. Otherwise the vector is sorted.
type topKStep[T lower.Float] struct {
	vector *kernel.Vector[T]
	n, k   int // elements of a vector, and those taken
	step   int // stride along the axis
	count  int // vectors
	grain  int // vectors per part
	worker []topKMemory[T]

	in              lower.Array[T]
	values, numbers []T
}

// topKMemory is what a worker needs.
type topKMemory[T lower.Float] struct {
	x    []T         // a vector
	best []ranked[T] // the greatest so far, or all
}

// ranked is an element and where it is.
type ranked[T lower.Float] struct {
	value T
	at    int32
}

// topKBlock is how many elements are looked at together.
const topKBlock = 64

func newTopKStep[T lower.Float](p lower.TopK, shape lower.Shape, v *kernel.Vector[T], workers int) *topKStep[T] {
	s := &topKStep[T]{vector: v, n: shape[p.Axis], k: p.K, step: shape[p.Axis+1:].Size()}
	s.count = shape.Size() / s.n
	s.grain = max(1, 1<<11/s.n)
	held := s.n
	if s.few() {
		held = s.k
	}
	for range workers {
		s.worker = append(s.worker, topKMemory[T]{make([]T, s.n), make([]ranked[T], held)})
	}
	return s
}

// few says that the elements taken are held in order.
func (s *topKStep[T]) few() bool { return s.k <= 64 && s.k*4 <= s.n }

func (s *topKStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.values, s.numbers = in[0], out[0].Data[out[0].Off:], out[1].Data[out[1].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do takes the elements of some vectors.
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
		if s.few() {
			s.scan(m.best, x)
		} else {
			sortDescending(m.best, x)
		}
		to := line/s.step*s.k*s.step + line%s.step
		for i, r := range m.best[:s.k] {
			s.values[to+i*s.step], s.numbers[to+i*s.step] = r.value, T(r.at)
		}
	}
}

// scan fills best with the greatest elements of x, in order.
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

// insert puts an element behind all that it is not above; the last one is lost.
func insert[T lower.Float](best []ranked[T], r ranked[T]) {
	i := len(best) - 1
	for ; i > 0 && lower.Above(r.value, best[i-1].value); i-- {
		best[i] = best[i-1]
	}
	best[i] = r
}

// sortDescending fills best with the elements of x, as many, in order.
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

// alongStep takes elements of each vector along an axis by number, or adds to
// zeros by number.
type alongStep[T lower.Float] struct {
	put         bool
	n, k        int // elements of a vector of the whole, and of the numbers
	step        int // stride along the axis
	count       int // vectors
	grain       int // vectors per part
	in, numbers lower.Array[T]
	out         []T
}

func newAlongStep[T lower.Float](put bool, axis, extent int, numbers lower.Shape) *alongStep[T] {
	s := &alongStep[T]{put: put, n: extent, k: numbers[axis], step: numbers[axis+1:].Size()}
	s.count = numbers.Size() / s.k
	s.grain = max(1, copyGrain/max(s.n, s.k))
	return s
}

func (s *alongStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.numbers, s.out = in[0], in[1], out[0].Data[out[0].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do takes or adds the elements of some vectors.
func (s *alongStep[T]) Do(part, _ int) {
	for line := part * s.grain; line < min((part+1)*s.grain, s.count); line++ {
		outer, inner := line/s.step, line%s.step
		whole, some := outer*s.n*s.step+inner, outer*s.k*s.step+inner
		if s.put {
			for i := range s.n {
				s.out[whole+i*s.step] = 0
			}
		}
		for i := range s.k {
			at := lower.RowAt(element(&s.numbers, some+i*s.step), s.n)
			switch {
			case s.put && at >= 0:
				s.out[whole+at*s.step] += element(&s.in, some+i*s.step)
			case s.put:
			case at >= 0:
				s.out[some+i*s.step] = element(&s.in, whole+at*s.step)
			default:
				s.out[some+i*s.step] = T(math.NaN())
			}
		}
	}
}

// element is the element of an array at a row-major position.
func element[T lower.Float](a *lower.Array[T], at int) T {
	if a.Contiguous() {
		return a.Data[a.Off+at]
	}
	var v [1]T
	a.CopyRange(v[:], at)
	return v[0]
}
