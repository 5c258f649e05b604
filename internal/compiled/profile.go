package compiled

import (
	"errors"
	"time"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// Profile calls run, which may run the machine any number of times, and returns the
// time of each step, in the plan's order.
func (m *Machine) Profile(run func() error) ([]vm.StepProfile, error) {
	if err := m.usable(); err != nil {
		return nil, err
	}
	if run == nil {
		return nil, m.backend.named(errors.New("profile: no function that runs the machine"))
	}
	if _, err := m.profile(true); err != nil {
		return nil, err
	}
	failed := run()
	took, err := m.profile(false)
	if err := errors.Join(failed, err); err != nil {
		return nil, err
	}
	if len(took) != len(m.plan.Steps) {
		return nil, m.backend.named(errors.New("profile: the machine made a new plan meanwhile, because a slice changed or an op was switched: profile again"))
	}
	var out []vm.StepProfile
	for i, s := range m.plan.Steps {
		if inner := m.engine.Inner(i); inner != nil {
			out = append(out, inner...)
			continue
		}
		p := ProfileOf(m.plan.Func, lower.Step(s), int(m.plan.Dtype.Size()))
		p.Took = took[i]
		out = append(out, p)
	}
	return out, nil
}

// profile starts or stops timing the steps, and returns the times so far.
func (m *Machine) profile(on bool) ([]time.Duration, error) {
	if err := m.acquire(); err != nil {
		return nil, err
	}
	defer m.release()
	return m.engine.Profile(on), nil
}

// ProfileOf describes a step of a function, without the time it takes.
func ProfileOf(of *lower.Func, s lower.Step, width int) vm.StepProfile {
	p := vm.StepProfile{Step: s.Prim.String()}
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
	if joined, ok := prim.(plan.Product); ok { // count only the product
		prim, shapes, outs = joined.Of, shapes[:joined.Reads()], 1
	}
	if _, placed := prim.(plan.PlacedMatMul); placed {
		prim = lower.MatMul{}
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
