package code

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// concat copies each operand to its place, all in one kernel.
func (m *maker) concat(s plan.Step, prim lower.Concat) error {
	out := arrayOf(m.plan.Values[s.Out[0]])
	var parts []*part
	for _, v := range s.In {
		shape := m.plan.Func.Shape(v)
		p, err := m.each(task{shape: shape, in: []array{arrayOf(m.plan.Values[v])}, plain: []result{{expr: lower.Arg(0), out: out}}})
		if err != nil {
			return err
		}
		parts = append(parts, p)
		out.ref = out.ref.plus(shape[prim.Axis] * out.strides[prim.Axis])
	}
	m.launch(parts...)
	return nil
}

// pad writes every element of the result: an element of the operand, or 0.
func (m *maker) pad(s plan.Step, prim lower.Pad) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	in, shape := m.plan.Func.Shape(s.In[0]), m.plan.Func.Shape(s.Out[0])
	p := newPart("pad", ceil(shape.Size(), threads))
	p.n = shape.Size()
	p.line("const unsigned i = block * %du + threadIdx.x;", threads)
	p.line("if (i >= n) return;")
	var axes []axis // of the result, without leaving any out
	for a, n := range shape {
		axes = append(axes, axis{n, []int{x.strides[a], y.strides[a]}})
	}
	at := coordinates(&p.text, axes, "i", all)
	within := []string{}
	from := make([]string, len(at))
	for a, name := range at {
		from[a] = name
		if prim.Before[a] > 0 {
			from[a] = fmt.Sprintf("(%s - %d)", name, prim.Before[a])
			within = append(within, fmt.Sprintf("%s >= %d", name, prim.Before[a]))
		}
		if end := prim.Before[a] + in[a]; end < shape[a] {
			within = append(within, fmt.Sprintf("%s < %d", name, end))
		}
	}
	value := fmt.Sprintf("%s[%s]", p.read(x.ref), index(0, axes, from))
	if len(within) > 0 {
		value = strings.Join(within, " && ") + " ? " + value + " : 0"
	}
	p.line("%s[i] = %s;", p.write(y.ref), value)
	m.launch(p)
	return nil
}
