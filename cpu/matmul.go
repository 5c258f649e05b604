package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// matmulStep multiplies two matrices with the register-tiled kernels, which can also
// add a bias and apply a ReLU. Transposed operands are read in place.
type matmulStep[T lower.Float] struct {
	gemm  kernel.Gemm[T]
	work  *workspace[T]
	parts int
	bias  int // the operand that is added to each row; 0 for none
	relu  bool
	args  kernel.GemmArgs[T]
	err   []error // by part
}

// newMatmulStep plans the product of operands with the given layouts. Axes before the
// last two have extent 1.
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
	s := &matmulStep[T]{gemm: g, work: work, parts: workers}
	if int64(out.Size())*int64(a.Shape[r-1]) < 1<<15 {
		s.parts = 1
	}
	s.err = make([]error, s.parts)
	return s, nil
}

func (s *matmulStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.args = kernel.GemmArgs[T]{A: in[0].Data[in[0].Off:], B: in[1].Data[in[1].Off:], C: out[0].Elements(), ReLU: s.relu}
	if s.bias > 0 {
		s.args.Bias = in[s.bias].Data[in[s.bias].Off:]
	}
	t.Run(s, s.parts)
	for _, err := range s.err {
		if err != nil {
			return err
		}
	}
	return nil
}

// Do computes one block.
func (s *matmulStep[T]) Do(part, worker int) {
	s.err[part] = s.gemm.RunBlock(s.gemm.Part(part, s.parts), s.args, s.work.worker[worker])
}
