package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// matmulStep multiplies matrices, batch by batch, with the register-tiled kernels,
// which can also add a bias and apply a ReLU. Transposed operands are read in place.
type matmulStep[T lower.Float] struct {
	gemm    kernel.Gemm[T]
	work    *workspace[T]
	parts   int
	batches int
	a, b    batchOffsets
	size    int // elements of one result
	bias    int // the operand that is added to each row; 0 for none
	relu    bool
	in      []lower.Array[T]
	out     []T
	err     []error // by part of all batches
}

// batchOffsets finds the matrix of each batch element in memory.
type batchOffsets struct {
	shape   lower.Shape
	strides []int
}

func (o batchOffsets) at(i int) int {
	off := 0
	for ax := len(o.shape) - 3; ax >= 0; ax-- {
		off += i % o.shape[ax] * o.strides[ax]
		i /= o.shape[ax]
	}
	return off
}

// newMatmulStep plans the product of operands with the given layouts.
func newMatmulStep[T lower.Float](a, b plan.Layout, out lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (*matmulStep[T], error) {
	r := len(out)
	strides := func(l plan.Layout) kernel.Strides { return kernel.Strides{Row: l.Strides[r-2], Col: l.Strides[r-1]} }
	g, err := kernel.PlanGemm[T](isa, kernel.GemmShape{
		M: out[r-2], N: out[r-1], K: a.Shape[r-1], A: strides(a), B: strides(b), LDC: out[r-1],
	})
	if err != nil {
		return nil, err
	}
	work.reserve(g.Scratch())
	s := &matmulStep[T]{
		gemm: g, work: work, parts: workers, batches: out[:r-2].Size(),
		a: batchOffsets{a.Shape, a.Strides}, b: batchOffsets{b.Shape, b.Strides}, size: out[r-2] * out[r-1],
	}
	if s.batches > 1 || int64(s.size)*int64(a.Shape[r-1]) < 1<<15 {
		s.parts = 1
	}
	s.err = make([]error, s.parts*s.batches)
	return s, nil
}

func (s *matmulStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in, out[0].Elements()
	t.Run(s, s.parts*s.batches)
	for _, err := range s.err {
		if err != nil {
			return err
		}
	}
	return nil
}

// Do computes one block of one product.
func (s *matmulStep[T]) Do(part, worker int) {
	batch := part / s.parts
	args := kernel.GemmArgs[T]{
		A: s.in[0].Data[s.in[0].Off+s.a.at(batch):],
		B: s.in[1].Data[s.in[1].Off+s.b.at(batch):],
		C: s.out[batch*s.size : (batch+1)*s.size], ReLU: s.relu,
	}
	if s.bias > 0 {
		args.Bias = s.in[s.bias].Data[s.in[s.bias].Off:]
	}
	s.err[part] = s.gemm.RunBlock(s.gemm.Part(part%s.parts, s.parts), args, s.work.worker[worker])
}
