package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// gather copies the rows that indices name.
func (m *maker) gather(s plan.Step, prim lower.Gather) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	indices := m.plan.Values[s.In[1]]
	p, at, axes := m.everyElement("gather", s, x, y)
	p.line("const real row = %s[%s * %d];", p.read(RefOf(indices)), at[prim.Axis], indices.Strides[0])
	from := append([]string(nil), at...)
	from[prim.Axis] = "int(row)"
	p.line("%s[i] = row >= 0 && row < %d ? %s[%s] : not_a_number();",
		p.write(y.ref), m.plan.Func.Shape(s.In[0])[prim.Axis], p.read(x.ref), index(0, axes, from))
	m.launch(p)
	return nil
}

// scatterAdd sums, for every element of the result, the rows whose index names
// its row, in the order of the indices.
func (m *maker) scatterAdd(s plan.Step, prim lower.ScatterAdd) error {
	x, y := arrayOf(m.plan.Values[s.In[0]]), arrayOf(m.plan.Values[s.Out[0]])
	indices := m.plan.Values[s.In[1]]
	p, at, axes := m.everyElement("scatter", s, x, y)
	p.line("real sum = 0;")
	p.open("for (int k = 0; k < %d; k++)", indices.Shape[0])
	from := append([]string(nil), at...)
	from[prim.Axis] = "k"
	p.line("if (%s[k * %d] == real(%s)) sum += %s[%s];", p.read(RefOf(indices)), indices.Strides[0], at[prim.Axis], p.read(x.ref), index(0, axes, from))
	p.close()
	p.line("%s[i] = sum;", p.write(y.ref))
	m.launch(p)
	return nil
}
