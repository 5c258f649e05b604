package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// recurrence is what Recur and RecurGrad have in common.
type recurrence struct {
	*maker
	p    lower.Recur
	cell lower.CellStep

	batch, inputSteps, features, units, width int // N, x's steps, D, H, G*H

	x, wx, wh plan.Layout
	initial   []plan.Layout // the states before the first step; empty if they are zero
	after     []plan.Layout // the states after each step: h [N,T,H], the others [T,N,H]
	saved     plan.Layout   // [T,N,k*H]
}

// newRecurrence takes x, wx, wh, the initial states and Recur's results.
func (m *maker) newRecurrence(p lower.Recur, in, initial, results []lower.Value) *recurrence {
	r := &recurrence{maker: m, p: p, cell: p.Cell.Step(), x: m.plan.Values[in[0]], wx: m.plan.Values[in[1]], wh: m.plan.Values[in[2]]}
	r.batch, r.inputSteps, r.features, r.units = r.x.Shape[0], r.x.Shape[1], r.x.Shape[2], r.wh.Shape[0]
	r.width = r.cell.Gates * r.units
	for _, v := range initial {
		r.initial = append(r.initial, m.plan.Values[v])
	}
	states := len(r.cell.NextStates)
	for _, v := range results[:states] {
		r.after = append(r.after, m.plan.Values[v])
	}
	r.saved = m.plan.Values[results[states]]
	return r
}

// at is the time of the k-th step.
func (r *recurrence) at(k int) int { return r.p.Time(k) }

// The arrays of one step have a row for each sample.

// sampleAt is the step at time t of an array [N,T,n].
func sampleAt(l plan.Layout, t int) array {
	return array{RefOf(l).plus(t * l.Strides[1]), []int{l.Strides[0], l.Strides[2]}}
}

// stepAt is the step at time t of an array [T,N,n].
func stepAt(l plan.Layout, t int) array {
	return array{RefOf(l).plus(t * l.Strides[0]), []int{l.Strides[1], l.Strides[2]}}
}

// scratchAt is the step at time t of an array [N,T,n] in scratch memory. If the
// array has fewer steps, it is the last one.
func scratchAt(ref Ref, steps, n, t int) array {
	return array{ref.plus(min(t, steps-1) * n), []int{steps * n, 1}}
}

// block is the b-th block of that many columns.
func (a array) block(b, units int) array {
	return array{a.ref.plus(b * units * a.strides[1]), a.strides}
}

// state is the s-th state after the step at time t.
func (r *recurrence) state(s, t int) array {
	if s == 0 {
		return sampleAt(r.after[0], t)
	}
	return stepAt(r.after[s], t)
}

// before is the s-th state before the k-th step; ok is false if it is zero.
func (r *recurrence) before(s, k int) (a array, ok bool) {
	switch {
	case k > 0:
		return r.state(s, r.at(k-1)), true
	case r.initial != nil:
		return arrayOf(r.initial[s]), true
	}
	return array{}, false
}

// cellLoop is what a kernel computes for one step: a loop over samples and
// units.
type cellLoop struct {
	loopOver
	group int // its first operands are this many elements of a product
}

func (r *recurrence) newCellLoop(group int) *cellLoop {
	return &cellLoop{loopOver{shape: lower.Shape{r.batch, r.units}, in: make([]array, group)}, group}
}

// read adds an operand.
func (l *cellLoop) read(a array) lower.Expr {
	l.in = append(l.in, a)
	return lower.Arg(len(l.in) - 1)
}

// write adds a result.
func (l *cellLoop) write(a array, e lower.Expr) {
	l.results = append(l.results, result{expr: e, out: a})
	l.along = append(l.along, nil)
}

// cellStep is a step of a recurrence: a product and a loop over it, or the loop
// alone. The product is of a row for each sample and of weights, whose columns
// are the units'.
type cellStep struct {
	*cellLoop
	row     array // [N,deep]
	deep    int
	weights form // of wh
	// carried are the results that form, side by side, the row of the next
	// step.
	carried []int
}

// run writes the kernel of a step.
func (r *recurrence) run(s cellStep) error {
	if s.group == 0 {
		return r.loops([]loopOver{s.loopOver})
	}
	p := product{group: s.group}
	p.extents = extents{rows: {r.batch}, columns: {r.units}, depth: {s.deep}}
	if s.group > 1 {
		p.extents[columns] = append(p.extents[columns], s.group)
	}
	p.a = operand{{at: s.row.ref, form: form{of: [roles][]int{rows: {s.row.strides[0]}, depth: {s.row.strides[1]}}}}}
	p.b = operand{{at: RefOf(r.wh), form: s.weights}}
	p.epilogue = epilogueOf(s.loopOver, &p.extents, []form{positionOf(rows, 0), positionOf(columns, 0)}, nil)
	return r.multiply(&p, choose(r.tiles(r.maker.step), r.extent(&p, 1)))
}

// runAll writes the kernels of all steps, in the order of computation: one for
// each, or one for all but the first and the last.
func (r *recurrence) runAll(steps []cellStep) error {
	if r.persistent(len(steps)) {
		last := len(steps) - 1
		if err := r.run(steps[0]); err != nil {
			return err
		}
		if err := r.runPersistent(steps[1:last]); err != nil {
			return err
		}
		steps = steps[last:]
	}
	for _, s := range steps {
		if err := r.run(s); err != nil {
			return err
		}
	}
	return nil
}

// recur writes the projection of x as one product over all steps, and then the
// steps. Each is the product of the previous state and wh, in which a block has
// all gates of its units, and the cell.
func (m *maker) recur(s plan.Step, p lower.Recur) error {
	r := m.newRecurrence(p, s.In, s.In[4:], s.Out)
	zx := m.allocScratch(r.batch * r.inputSteps * r.width)
	if err := r.project(zx); err != nil {
		return err
	}
	var steps []cellStep
	for k := range p.Steps {
		steps = append(steps, r.step(k, zx, m.plan.Values[s.In[3]]))
	}
	return r.runAll(steps)
}

// step is the k-th step forward.
func (r *recurrence) step(k int, zx Ref, bias plan.Layout) cellStep {
	h, there := r.before(0, k)
	group := r.cell.Gates
	if !there {
		group = 0
	}
	l, t := r.newCellLoop(group), r.at(k)
	values := make([]lower.Expr, r.cell.Values())
	for g := range r.cell.Gates {
		ofState := lower.Num(0)
		if there {
			ofState = lower.Arg(g)
		}
		values[r.cell.GateOfState(g)] = ofState
		x := l.read(scratchAt(zx, r.inputSteps, r.width, t).block(g, r.units))
		if !r.cell.SplitProjections && there {
			x = x.Add(ofState)
		}
		values[r.cell.Gate(g)] = x
	}
	for b := range r.cell.Biases {
		values[r.cell.Bias(b)] = l.read(array{RefOf(bias), []int{0, bias.Strides[0]}}.block(b, r.units))
	}
	for s := range r.after {
		values[r.cell.State(s)] = lower.Num(0)
		if a, ok := r.before(s, k); ok {
			values[r.cell.State(s)] = l.read(a)
		}
	}
	for i, e := range r.cell.Steps {
		values[r.cell.Step(i)] = e.Subst(values...)
	}
	for s, v := range r.cell.NextStates {
		l.write(r.state(s, t), values[v])
	}
	for i, v := range r.cell.Saved {
		l.write(stepAt(r.saved, t).block(i, r.units), values[v])
	}
	weights := form{of: [roles][]int{depth: {r.wh.Strides[0]}, columns: {r.wh.Strides[1]}}}
	if r.cell.Gates > 1 {
		weights.of[columns] = append(weights.of[columns], r.units*r.wh.Strides[1])
	}
	return cellStep{cellLoop: l, row: h, deep: r.units, weights: weights, carried: []int{0}}
}

// project writes the projection of x [N,T,G*H], or [N,1,G*H], to scratch memory.
func (r *recurrence) project(zx Ref) error {
	var p placed
	p.group, p.shape = 1, lower.Shape{r.batch, r.inputSteps, r.width}
	p.extents = extents{rows: {r.batch, r.inputSteps}, columns: {r.width}, depth: {r.features}}
	p.a = operand{{at: RefOf(r.x), form: form{of: [roles][]int{rows: r.x.Strides[:2], depth: r.x.Strides[2:]}}}}
	p.b = operand{{at: RefOf(r.wx), form: form{of: [roles][]int{depth: r.wx.Strides[:1], columns: r.wx.Strides[1:]}}}}
	p.place = []form{positionOf(rows, 0), positionOf(rows, 1), positionOf(columns, 0)}
	return r.store(p, array{zx, p.shape.Strides()})
}

// store computes a product into an array.
func (m *maker) store(p placed, to array) error {
	return m.then(p, over(identity, p.shape, []array{{strides: p.shape.Strides()}}, []array{to}))
}
