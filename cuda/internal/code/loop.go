package code

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// task is a loop, or a part of one: expressions in operands over one space.
type task struct {
	shape           lower.Shape
	computedOperand *computedOperand // the first argument, if a thread computes it; nil if it is in memory
	in              []array
	plain           []result // written element by element
	ends            []result // combined along axes, the same for all; the arrays' strides there are 0
}

// result is one result of a loop.
type result struct {
	expr lower.Expr
	kind lower.ReduceKind // of ends
	out  array
}

// loopOver is a loop over arrays of a shape. Along the axes that are combined,
// a result's stride is 0.
type loopOver struct {
	shape           lower.Shape
	computedOperand *computedOperand // the first argument, if a thread computes it; nil if it is in memory
	in              []array
	results         []result
	along           [][]int // by result: the axes that are combined; nil if none are
}

// over is a loop over arrays.
func over(p plan.Loop, shape lower.Shape, in, out []array) loopOver {
	l := loopOver{shape: shape, in: in}
	for i, r := range p.Results {
		x := result{expr: r.Expr, out: out[i]}
		axes := reducedAxes(r.Along, shape)
		if axes != nil {
			x.kind = r.Along.Kind
			x.out.strides = slices.Clone(x.out.strides)
			for _, a := range axes {
				x.out.strides[a] = 0
			}
		}
		l.results, l.along = append(l.results, x), append(l.along, axes)
	}
	return l
}

// loop writes a step that is a loop.
func (m *maker) loop(p plan.Loop, in, out []lower.Value) error {
	return m.group(plan.Group{Members: []plan.Member{{Loop: p, Reads: len(in)}}}, in, out)
}

// group writes a step of several loops, which run side by side.
func (m *maker) group(p plan.Group, in, out []lower.Value) error {
	var loops []loopOver
	for _, l := range p.Members {
		n := len(l.Loop.Results)
		loops = append(loops, over(l.Loop, m.plan.Func.Shape(in[0]), m.arrays(in[:l.Reads]), m.arrays(out[:n])))
		in, out = in[l.Reads:], out[n:]
	}
	return m.loops(loops)
}

// arrays are where values lie.
func (m *maker) arrays(vs []lower.Value) []array {
	out := make([]array, len(vs))
	for i, v := range vs {
		out[i] = arrayOf(m.plan.Values[v])
	}
	return out
}

// loops writes loops that run side by side. Two things come after them: parts
// that combine the sums of several blocks, and results that overwrite an
// operand which another part of the loop also reads.
func (m *maker) loops(all []loopOver) error {
	var first, after []*part
	for _, l := range all {
		for i, t := range m.tasks(l) {
			if len(t.ends) == 0 {
				each, err := m.each(t)
				if err != nil {
					return err
				}
				if i > 0 {
					after = append(after, each)
				} else {
					first = append(first, each)
				}
				continue
			}
			reduce, fold, err := m.reduce(t)
			if err != nil {
				return err
			}
			first = append(first, reduce)
			if fold != nil {
				after = append(after, fold)
			}
		}
	}
	m.launch(first...)
	m.launch(after...)
	return nil
}

// tasks divides a loop: each task has results that are combined along the same
// axes. The first task also has the results written element by element, unless
// these must wait until all tasks have read; then they are the last task.
func (m *maker) tasks(l loopOver) []task {
	all := task{shape: l.shape, computedOperand: l.computedOperand, in: l.in}
	var tasks []task
	var along []string // by task: the axes
	for i, x := range l.results {
		if l.along[i] == nil {
			all.plain = append(all.plain, x)
			continue
		}
		k := slices.Index(along, fmt.Sprint(l.along[i]))
		if k < 0 {
			k = len(tasks)
			along = append(along, fmt.Sprint(l.along[i]))
			tasks = append(tasks, task{shape: all.shape, computedOperand: all.computedOperand, in: all.in})
		}
		tasks[k].ends = append(tasks[k].ends, x)
	}
	switch {
	case len(tasks) == 0 || len(tasks) > 1 && m.overwrites(all):
		tasks = append(tasks, all)
	default:
		tasks[0].plain = all.plain
	}
	return tasks
}

// reducedAxes returns the axes of a shape, in order, along which more than one
// element is combined.
func reducedAxes(r *lower.Reduce, shape lower.Shape) []int {
	var axes []int
	if r != nil {
		for a, n := range shape {
			if n > 1 && slices.Contains(r.Axes, a) {
				axes = append(axes, a)
			}
		}
	}
	return axes
}

// overwrites reports whether a task overwrites an operand.
func (m *maker) overwrites(t task) bool {
	return slices.ContainsFunc(t.plain, func(r result) bool {
		return slices.ContainsFunc(t.in, func(x array) bool { return m.aliases(x.ref, r.out.ref) })
	})
}

// arrays are all arrays of a task: operands, plain results, ends, and those that
// locate the computed operand.
func (t task) arrays() []array {
	all := slices.Clone(t.in)
	for _, r := range slices.Concat(t.plain, t.ends) {
		all = append(all, r.out)
	}
	if t.computedOperand != nil {
		all = append(all, t.computedOperand.arrays...)
	}
	return all
}

// label names what a task does, for the name of its kernel.
func (t task) label(label string) string {
	if t.computedOperand != nil {
		return t.computedOperand.label
	}
	return label
}

func (t task) exprs() []lower.Expr {
	var all []lower.Expr
	for _, r := range slices.Concat(t.plain, t.ends) {
		all = append(all, r.expr)
	}
	return all
}

func ceil(n, d int) int { return (n + d - 1) / d }
