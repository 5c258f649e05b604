package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// recurStep runs a float32 recurrence or its gradient, with the kernels for
// the products.
type recurStep struct {
	prim     lower.Prim
	products *products
	kernels  lower.RecurKernels[float32]
}

func newRecurStep(prim lower.Prim, isa kernel.ISA, work *workspace) *recurStep {
	p := &products{isa: isa, work: work, plans: map[kernel.GemmShape]kernel.Gemm{}}
	return &recurStep{prim, p, lower.RecurKernels[float32]{Product: p.run, Loop: vectorLoop(isa)}}
}

func (s *recurStep) run(t *team.Team, in, out []lower.Array[float32]) error {
	s.products.team, s.products.err = t, nil
	for _, o := range out {
		clear(o.Elements())
	}
	switch p := s.prim.(type) {
	case lower.Recur:
		lower.RunRecur(p, in, out, s.kernels)
	case lower.RecurGrad:
		lower.RunRecurGrad(p, in, out, s.kernels)
	}
	return s.products.err
}

// products runs matrix products of shapes that are only known as they come,
// and remembers how.
type products struct {
	isa   kernel.ISA
	work  *workspace
	plans map[kernel.GemmShape]kernel.Gemm
	team  *team.Team
	gemm  kernel.Gemm
	args  kernel.GemmArgs[float32]

	failed []error // by part of the product under way
	err    error   // the first of all products
}

// run is a lower.Product. Beta is 0 or 1.
func (p *products) run(transA, transB bool, m, n, k int, a, b []float32, beta float32, c []float32) {
	shape := kernel.GemmShape{M: m, N: n, K: k, A: strides(transA, m, k), B: strides(transB, k, n), LDC: n}
	g, ok := p.plans[shape]
	if !ok {
		var err error
		if g, err = kernel.PlanGemm(p.isa, shape); err != nil {
			p.err = err
			return
		}
		p.plans[shape] = g
		p.work.grow(g.Scratch())
	}
	p.gemm, p.args = g, kernel.GemmArgs[float32]{A: a, B: b, C: c, Accumulate: beta != 0}
	if p.failed == nil {
		p.failed = make([]error, p.team.Size())
	}
	p.team.Run(p, p.team.Size())
	for _, err := range p.failed {
		if err != nil && p.err == nil {
			p.err = err
		}
	}
}

// Do computes one block of the product under way.
func (p *products) Do(part, worker int) {
	block := p.gemm.Part(part, p.team.Size())
	p.failed[part] = p.gemm.RunBlock(block, p.args, p.work.worker[worker])
}

// strides are those of a matrix [rows,cols] that lies without gaps, or of the
// transpose of one.
func strides(trans bool, rows, cols int) kernel.Strides {
	if trans {
		return kernel.Strides{Row: 1, Col: rows}
	}
	return kernel.Strides{Row: cols, Col: 1}
}
