package cpu

import (
	"cmp"
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// topKStep takes the k largest elements of each vector along an axis.
//
// The kth largest of the maxima of blocks is at most the kth largest element. So only
// elements that are not below it can be among the k largest, and only blocks whose
// maxima are not below it contain any.
type topKStep[T lower.Float] struct {
	vector *kernel.Vector[T]
	lines
	k      int // the number taken
	count  int // vectors
	grain  int // vectors per part
	block  int // elements of a block
	worker []topKMemory[T]

	in              lineReader[T]
	values, indices []T
}

// topKMemory is the memory of one worker.
type topKMemory[T lower.Float] struct {
	x      []T // a vector
	maxima []T // of its blocks
	best   []ranked[T]
}

// ranked is an element and its index.
type ranked[T lower.Float] struct {
	value T
	at    int32
}

const (
	// topKBlock is the most elements of a block. Blocks are smaller if a vector would
	// have fewer than 2k of them.
	topKBlock = 64
	// topKInOrder is the largest k for which the elements are kept in order while a
	// vector is scanned. For a larger k they are sorted at the end.
	topKInOrder = 64
)

func newTopKStep[T lower.Float](p lower.TopK, shape lower.Shape, v *kernel.Vector[T], workers int) *topKStep[T] {
	s := &topKStep[T]{vector: v, lines: linesOf(shape, p.Axis), k: p.K}
	s.count = shape.Size() / s.n
	s.grain = max(1, 1<<11/s.n)
	s.block = max(1, min(topKBlock, s.n/(2*s.k)))
	for range workers {
		s.worker = append(s.worker, topKMemory[T]{
			make([]T, s.n), make([]T, 0, (s.n+s.block-1)/s.block), make([]ranked[T], 0, s.room()),
		})
	}
	return s
}

// room is the most elements that keep keeps.
func (s *topKStep[T]) room() int {
	if s.k <= topKInOrder {
		return s.k
	}
	return s.n
}

func (s *topKStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.values, s.indices = readLines(s.lines, in[0]), out[0].Data[out[0].Off:], out[1].Data[out[1].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do computes the vectors of one part.
func (s *topKStep[T]) Do(part, worker int) {
	m, taken := &s.worker[worker], lines{s.k, s.step}
	for line := part * s.grain; line < min((part+1)*s.grain, s.count); line++ {
		to := taken.at(line)
		for i, r := range s.greatest(m, s.in.line(line, m.x)) {
			s.values[to+i*s.step], s.indices[to+i*s.step] = r.value, T(r.at)
		}
	}
}

// greatest returns the k largest elements of x, in order.
func (s *topKStep[T]) greatest(m *topKMemory[T], x []T) []ranked[T] {
	best := m.best[:0]
	if s.block == 1 {
		for i, v := range x {
			best = s.keep(best, ranked[T]{v, int32(i)})
		}
		return s.inOrder(best)
	}
	maxima := m.maxima[:0]
	for from := 0; from < len(x); from += s.block {
		v := s.vector.Max(x[from:min(from+s.block, len(x))])
		maxima = append(maxima, v)
		best = s.keep(best, ranked[T]{value: v})
	}
	least := s.inOrder(best)[s.k-1].value
	best = best[:0]
	for b, top := range maxima {
		if lower.Above(least, top) {
			continue
		}
		from := b * s.block
		for i, v := range x[from:min(from+s.block, len(x))] {
			if !lower.Above(least, v) {
				best = s.keep(best, ranked[T]{v, int32(from + i)})
			}
		}
	}
	return s.inOrder(best)
}

// keep adds an element that comes after those in best. Unless k is above topKInOrder, it
// drops an element that is not among the k largest.
func (s *topKStep[T]) keep(best []ranked[T], r ranked[T]) []ranked[T] {
	if s.k > topKInOrder || len(best) < s.k {
		best = append(best, r)
	} else if !lower.Above(r.value, best[s.k-1].value) {
		return best
	}
	if s.k > topKInOrder {
		return best
	}
	i := len(best) - 1
	for ; i > 0 && lower.Above(r.value, best[i-1].value); i-- {
		best[i] = best[i-1]
	}
	best[i] = r
	return best
}

// inOrder returns the k largest of the elements that keep has kept, in order.
func (s *topKStep[T]) inOrder(best []ranked[T]) []ranked[T] {
	if s.k > topKInOrder {
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
	return best[:s.k]
}
