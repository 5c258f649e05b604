package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

const (
	// shortSoftmax is the length of vectors up to which several are computed side by
	// side, as columns. Longer vectors that lie in a row fill registers of their own.
	shortSoftmax = 64
	// softmaxBlock is the approximate number of elements of a block of columns.
	softmaxBlock = 1 << 12
	// softmaxGrain is the approximate number of elements of a part.
	softmaxGrain = 1 << 13
)

// softmaxStep computes the softmax of each vector along the axis, or its logarithm.
type softmaxStep[T lower.Float] struct {
	lines
	vector    *kernel.Vector[T]
	transpose func(dst []T, dstStep int, src []T, srcStep, rows, cols int)
	log       bool
	count     int // vectors
	columns   int // most vectors in a block; 0 if they are computed one by one
	grain     int // vectors per part
	memory    *registers[T]
	in        lower.Array[T]
	out       []T
}

func newSoftmaxStep[T lower.Float](p lower.Softmax, shape lower.Shape, v *kernel.Vector[T], isa kernel.ISA, memory *registers[T]) *softmaxStep[T] {
	s := &softmaxStep[T]{lines: linesOf(shape, p.Axis), vector: v, transpose: kernel.Transpose[T](isa), log: p.Log, memory: memory}
	s.count = shape.Size() / s.n
	s.grain = max(1, softmaxGrain/s.n)
	if s.n > shortSoftmax && s.step == 1 {
		memory.reserve(2 * s.n)
		return s
	}
	s.columns = max(16, min(softmaxBlock/s.n, 128)/16*16)
	s.grain = (s.grain + s.columns - 1) / s.columns * s.columns
	memory.reserve(s.columns * (2*s.n + 1))
	return s
}

func (s *softmaxStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in[0], out[0].Data[out[0].Off:]
	t.Run(s, s.parts())
	return nil
}

func (s *softmaxStep[T]) parts() int { return (s.count + s.grain - 1) / s.grain }

// runWhole computes all vectors on one worker.
func (s *softmaxStep[T]) runWhole(worker int, in, out []lower.Array[T]) {
	s.in, s.out = in[0], out[0].Data[out[0].Off:]
	for part := range s.parts() {
		s.Do(part, worker)
	}
}

// Do computes the vectors of one part.
func (s *softmaxStep[T]) Do(part, worker int) {
	memory := s.memory.worker[worker]
	last := min((part+1)*s.grain, s.count)
	for k := part * s.grain; k < last; {
		switch {
		case s.columns == 0:
			s.one(k, memory)
			k++
		case s.step == 1:
			n := min(s.columns, last-k)
			s.rows(k, n, memory)
			k += n
		default: // vectors next to each other are columns already
			n := min(s.columns, last-k, s.step-k%s.step)
			s.strided(k, n, memory)
			k += n
		}
	}
}

// one computes vector k, which lies in a row.
func (s *softmaxStep[T]) one(k int, memory []T) {
	x, y := memory[:s.n], s.out[k*s.n:(k+1)*s.n]
	s.in.CopyRange(x, k*s.n)
	if s.log {
		s.vector.LogSoftmax(y, x)
	} else {
		s.vector.Softmax(y, x)
	}
}

// rows computes n vectors from k on, which lie in rows.
func (s *softmaxStep[T]) rows(k, n int, memory []T) {
	block, scratch := memory[:n*s.n], memory[n*s.n:]
	x, at := scratch[:n*s.n], k*s.n
	if s.in.Contiguous() {
		x = s.in.Data[s.in.Off+at : s.in.Off+at+n*s.n]
	} else {
		s.in.CopyRange(x, at)
	}
	s.transpose(block, n, x, s.n, s.n, n)
	s.block(block, n, scratch)
	s.transpose(s.out[at:at+n*s.n], s.n, block, n, n, s.n)
}

// strided computes n vectors from k on, which lie side by side.
func (s *softmaxStep[T]) strided(k, n int, memory []T) {
	block := memory[:n*s.n]
	at := s.at(k)
	for i := range s.n {
		s.in.CopyRange(block[i*n:(i+1)*n], at+i*s.step)
	}
	s.block(block, n, memory[n*s.n:])
	for i := range s.n {
		copy(s.out[at+i*s.step:][:n], block[i*n:(i+1)*n])
	}
}

// block computes the columns of x.
func (s *softmaxStep[T]) block(x []T, columns int, scratch []T) {
	if s.log {
		s.vector.LogSoftmaxColumns(x, columns, scratch)
	} else {
		s.vector.SoftmaxColumns(x, columns, scratch)
	}
}
