package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// loopTask is a loop over one space: a step, or a member of a group.
type loopTask struct {
	shape   lower.Shape
	in      []plan.Layout
	results []result
}

// result is one result of a loop.
type result struct {
	expr  lower.Expr
	along *lower.Reduce // nil where each element is a result
	out   plan.Layout
}

// taskOf is a loop over operands and results.
func (m *maker) taskOf(p plan.Loop, in, out []lower.Value) loopTask {
	t := loopTask{shape: m.plan.Func.Shape(in[0])}
	for _, v := range in {
		t.in = append(t.in, m.layout(v))
	}
	for i, r := range p.Results {
		t.results = append(t.results, result{r.Expr, r.Along, m.layout(out[i])})
	}
	return t
}

// loop writes a step that is a loop.
func (m *maker) loop(p plan.Loop, in, out []lower.Value) error {
	return m.loops([]loopTask{m.taskOf(p, in, out)})
}

// group writes a step of several loops.
func (m *maker) group(p plan.Group, in, out []lower.Value) error {
	var tasks []loopTask
	for _, l := range p.Members {
		n := len(l.Loop.Results)
		tasks = append(tasks, m.taskOf(l.Loop, in[:l.Reads], out[:n]))
		in, out = in[l.Reads:], out[n:]
	}
	return m.loops(tasks)
}

// loops runs tasks side by side.
func (m *maker) loops(tasks []loopTask) error {
	var parts []*part
	for _, t := range tasks {
		p, err := m.each(t)
		if err != nil {
			return err
		}
		parts = append(parts, p)
	}
	m.launch(parts...)
	return nil
}

// each writes the part that computes every element by itself: a thread does one.
func (m *maker) each(t loopTask) (*part, error) {
	n := t.shape.Size()
	p := newPart("map", ceil(n, threads))
	p.n = n
	var strides [][]int
	for _, l := range t.in {
		strides = append(strides, l.Strides)
	}
	for _, r := range t.results {
		strides = append(strides, r.out.Strides)
	}
	axes := axesOf(t.shape, strides)
	p.line("const unsigned i = block * %du + threadIdx.x;", threads)
	p.line("if (i >= n) return;")
	at := coordinates(&p.text, axes, "i")
	exprs := make([]lower.Expr, len(t.results))
	for k, r := range t.results {
		exprs[k] = r.expr
	}
	values, err := m.compute(&p.text, exprs, func(arg int) string {
		p.line("const real x%d = %s[%s];", arg, p.read(RefOf(t.in[arg])), index(arg, axes, at))
		return fmt.Sprintf("x%d", arg)
	})
	if err != nil {
		return nil, err
	}
	for k, r := range t.results {
		p.line("%s[%s] = %s;", p.write(RefOf(r.out)), index(len(t.in)+k, axes, at), values[k])
	}
	return p, nil
}

func ceil(n, d int) int { return (n + d - 1) / d }
