package cpu

import (
	"time"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// StepProfile is what one step of the plan took in the runs that were profiled.
type StepProfile struct {
	Step  string        // the primitive and its operands' shapes
	Took  time.Duration // in all runs together
	Flops int64         // of its products in one run, two a multiply-add
	Bytes int64         // of operands and results in one run
	// AtOnce is how many of the bytes are at hand at one time: all, but for steps
	// through which a batch goes some images at a time.
	AtOnce int64
}

// Profile calls run, which runs the machine as often as it likes, and returns
// what each step took, in the plan's order.
func (m *Machine) Profile(run func() error) ([]StepProfile, error) {
	if m.engine == nil {
		return nil, errClosed
	}
	m.engine.profile(true)
	err := run()
	took := m.engine.profile(false)
	if err != nil {
		return nil, err
	}
	var out []StepProfile
	for i, s := range m.plan.Steps {
		if inner := m.engine.inner(i); inner != nil {
			out = append(out, inner...)
			continue
		}
		p := profileOf(m.plan.Func, lower.Step(s), int(m.plan.Dtype.Size()))
		p.Took = took[i]
		out = append(out, p)
	}
	return out, nil
}

// profileOf describes a step of a function, without the time it takes.
func profileOf(of *lower.Func, s lower.Step, width int) StepProfile {
	p := StepProfile{Step: s.Prim.String()}
	var shapes []lower.Shape
	elements := 0
	for _, v := range s.In {
		shapes = append(shapes, of.Shape(v))
		p.Step += " " + of.Shape(v).String()
		elements += of.Shape(v).Size()
	}
	for _, v := range s.Out {
		elements += of.Shape(v).Size()
	}
	prim, outs := s.Prim, len(s.Out)
	if _, ok := prim.(plan.Product); ok { // only the product counts
		prim, shapes, outs = lower.MatMul{}, shapes[:2], 1
	}
	f := lower.NewFunc(shapes...)
	in := make([]lower.Value, len(shapes))
	for k := range in {
		in[k] = f.In(k)
	}
	f.Return(f.Apply(prim, in...)[:outs]...)
	p.Flops, p.Bytes = f.Flops(), int64(elements*width)
	p.AtOnce = p.Bytes
	return p
}
