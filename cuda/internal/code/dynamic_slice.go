package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// sliceAt copies a slice whose bounds are an operand.
func (m *maker) sliceAt(s plan.Step, prim lower.SliceAt) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	p, at, axes := m.dynamicSlice("slice", s, x, y)
	from := append([]string(nil), at...)
	from[prim.Axis] = fmt.Sprintf("int(start + %s * step)", at[prim.Axis])
	p.line("%s[i] = %s[%s];", p.write(y.ref), p.read(x.ref), index(0, axes, from))
	m.launch(p)
	return nil
}

// placeAt writes every element of the result: an element of the operand, or 0.
func (m *maker) placeAt(s plan.Step, prim lower.PlaceAt) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	p, at, axes := m.dynamicSlice("place", s, x, y)
	p.line("const unsigned far = unsigned(%s) - start;", at[prim.Axis])
	from := append([]string(nil), at...)
	from[prim.Axis] = "int(far / step)"
	p.line("%s[i] = unsigned(%s) >= start && far %% step == 0 && far / step < %du ? %s[%s] : 0;",
		p.write(y.ref), at[prim.Axis], m.plan.Func.Shape(s.In[0])[prim.Axis], p.read(x.ref), index(0, axes, from))
	m.launch(p)
	return nil
}

// dynamicSlice begins a part with a thread for each element of a result y. The thread
// reads the bounds and computes the element's position along each axis.
func (m *maker) dynamicSlice(name string, s plan.Step, x, y array) (p *part, at []string, axes []axis) {
	p, at, axes = m.everyElement(name, s, x, y)
	words := m.plan.Values[s.In[1]]
	from := p.read(RefOf(words))
	for k, name := range []string{"start", "step"} {
		low, high := 2*k*words.Strides[0], (2*k+1)*words.Strides[0]
		p.line("const unsigned %s = unsigned(%s[%d]) | unsigned(%s[%d]) << 16;", name, from, low, from, high)
	}
	return p, at, axes
}

// everyElement begins a part with a thread for each element i of a result y.
// The thread computes the element's position along each axis.
func (m *maker) everyElement(name string, s plan.Step, x, y array) (p *part, at []string, axes []axis) {
	return elementOf(name, m.plan.Func.Shape(s.Out[0]), x, y)
}
