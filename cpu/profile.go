package cpu

import (
	"time"

	"github.com/stheno-ml/stheno/lower"
)

// StepProfile is what one step of the plan took in the runs that were profiled.
type StepProfile struct {
	Step  string        // the primitive and its operands' shapes
	Took  time.Duration // in all runs together
	Flops int64         // of its products in one run, two a multiply-add
	Bytes int64         // of operands and results in one run
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
	width := int64(m.plan.Dtype.Size())
	out := make([]StepProfile, len(m.plan.Steps))
	for i, s := range m.plan.Steps {
		text := s.Prim.String()
		var shapes []lower.Shape
		elements := 0
		for _, v := range s.In {
			shapes = append(shapes, m.plan.Values[v].Shape)
			text += " " + m.plan.Values[v].Shape.String()
			elements += m.plan.Values[v].Shape.Size()
		}
		for _, v := range s.Out {
			elements += m.plan.Values[v].Shape.Size()
		}
		f := lower.NewFunc(shapes...)
		in := make([]lower.Value, len(shapes))
		for k := range in {
			in[k] = f.In(k)
		}
		f.Return(f.Apply(s.Prim, in...)[:len(s.Out)]...)
		out[i] = StepProfile{Step: text, Took: took[i], Flops: f.Flops(), Bytes: int64(elements) * width}
	}
	return out, nil
}
