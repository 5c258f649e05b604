package code

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// softmax writes a softmax along an axis: the lanes of a stretch compute its
// maximum, then the sum, then each result.
func (m *maker) softmax(s plan.Step, prim lower.Softmax) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	shape := m.plan.Func.Shape(s.In[0])
	stretch := array{strides: slices.Clone(y.strides)}
	stretch.strides[prim.Axis] = 0
	axes := axesOf(shape, []array{x, y, stretch})
	if shape[prim.Axis] == 1 {
		axes = append(axes, axis{1, []int{0, 0, 0}})
	}
	w := sweepOf(axes, 2)
	p := newPart("softmax", w.blocks())
	p.usesShared = true
	from, to := p.read(x.ref), p.write(y.ref)
	o := w.begin(p)
	exp, log := cName("exp", m.double), cName("log", m.double)
	p.line("wide most = -infinity(), sum = 0;")
	w.over(p, o, func(axes []axis, at []string) {
		p.line("most = max_of(most, %s[%s]);", from, index(0, axes, at))
	})
	w.gather(p, "most", "max_of")
	p.line("const real top = most;")
	w.over(p, o, func(axes []axis, at []string) {
		p.line("sum = sum_of(sum, %s(%s[%s] - top));", exp, from, index(0, axes, at))
	})
	w.gather(p, "sum", "sum_of")
	if prim.Log {
		p.line("const real less = %s(real(sum));", log)
	} else {
		p.line("const real all = sum;")
	}
	w.over(p, o, func(axes []axis, at []string) {
		value := exp + "(%[3]s[%[4]s] - top) / all"
		if prim.Log {
			value = "%[3]s[%[4]s] - top - less"
		}
		p.line("%[1]s[%[2]s] = "+value+";", to, index(1, axes, at), from, index(0, axes, at))
	})
	m.launch(p)
	return nil
}
