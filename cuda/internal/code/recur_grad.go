package code

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// recurGrad writes the kernels of RecurGrad. There is one for each step, from
// the last to the first: the product of the gradient of the next step's
// projection and wh transposed, and the gradient of the cell. Products and sums
// over all steps follow: the gradients of x, the weights and the bias.
type recurGrad struct {
	*recurrence
	p    lower.RecurGrad
	grad lower.CellGrad

	outputs *plan.Layout   // the gradient of h [N,T,H], or nil
	last    []*plan.Layout // the gradients of the states after the last step, [N,H] each, or nil
	states  []array        // become the gradients of the initial states, if asked for

	// In scratch memory: the gradients of the projections, that of x [N,T,G*H]
	// or, summed over the steps, [N,1,G*H], and that of the state [N,T,G*H],
	// which may be the same; and the gradients of the states before a step,
	// [N,H] each, without what h gets through the projection.
	dzx, dzh Ref
	direct   []Ref
}

// recurGrad writes the gradient of a recurrence.
func (m *maker) recurGrad(s plan.Step, p lower.RecurGrad) error {
	cell := p.Of.Cell.Step()
	rest := s.In[3:]
	take := func(yes bool, n int) (vs []lower.Value) {
		if yes {
			vs, rest = rest[:n], rest[n:]
		}
		return vs
	}
	states := len(cell.NextStates)
	initial := take(p.Of.Initial, states)
	g := &recurGrad{recurrence: m.newRecurrence(p.Of, s.In, initial, take(true, states+1)), p: p, grad: cell.Grad()}
	if p.Outputs {
		l := m.plan.Values[take(true, 1)[0]]
		g.outputs = &l
	}
	g.last = make([]*plan.Layout, states)
	for i, given := range []bool{p.LastH, p.LastC} {
		if given {
			l := m.plan.Values[take(true, 1)[0]]
			g.last[i] = &l
		}
	}
	out := m.arrays(s.Out)
	if p.State {
		g.states = out[len(out)-states:]
	}
	if err := g.readable(); err != nil {
		return err
	}
	g.dzx = m.allocScratch(g.batch * g.inputSteps * g.width)
	g.dzh = g.dzx
	if g.splitProjections() {
		g.dzh = m.allocScratch(g.batch * g.p.Of.Steps * g.width)
	}
	for range states {
		g.direct = append(g.direct, m.allocScratch(g.batch*g.units))
	}
	var steps []cellStep
	for k := p.Of.Steps - 1; k >= 0; k-- {
		steps = append(steps, g.step(k))
	}
	if err := g.runAll(steps); err != nil {
		return err
	}
	if p.State {
		if err := g.initialStates(); err != nil {
			return err
		}
	}
	if p.X {
		if err := g.inputs(out[0]); err != nil {
			return err
		}
		out = out[1:]
	}
	if p.Weights {
		return g.weights(out[0], out[1], out[2])
	}
	return nil
}

// splitProjections reports whether the gradients of the two projections are stored
// separately.
func (g *recurGrad) splitProjections() bool {
	return g.cell.SplitProjections || g.inputSteps < g.p.Of.Steps
}

// readable returns an error if the cell's gradient reads a value that Recur does not
// save.
func (g *recurGrad) readable() error {
	for _, e := range g.grad.Steps {
		for v := range g.cell.State(0) {
			if e.Reads(v) {
				return fmt.Errorf("the gradient of the cell %v reads value %d, a projection or a bias, which is not saved", g.p.Of.Cell, v)
			}
		}
	}
	return nil
}

// stateArray is memory [N,H].
func (g *recurGrad) stateArray(ref Ref) array { return array{ref, []int{g.units, 1}} }

// incomingGrad is the gradient of a state before the k-th step. The kernel of that
// step stored one part of it. For h, the loop's product is the other part, which
// comes through the projection.
func (g *recurGrad) incomingGrad(l *cellLoop, s int) lower.Expr {
	direct := g.grad.Of[g.cell.State(s)] >= 0
	switch {
	case s == 0 && direct:
		return lower.Arg(0).Add(l.read(g.stateArray(g.direct[0])))
	case s == 0:
		return lower.Arg(0)
	case direct:
		return l.read(g.stateArray(g.direct[s]))
	}
	return lower.Num(0)
}

// step is the k-th step back.
func (g *recurGrad) step(k int) cellStep {
	t, end := g.at(k), k == g.p.Of.Steps-1
	group := 1
	if end {
		group = 0
	}
	l := g.newCellLoop(group)
	values := make([]lower.Expr, g.cell.GradStep(len(g.grad.Steps)))
	for v := range g.cell.State(0) {
		values[v] = lower.Num(0) // not read
	}
	for s, v := range g.cell.NextStates {
		values[v] = l.read(g.state(s, t))
		values[g.cell.State(s)] = lower.Num(0)
		if a, ok := g.before(s, k); ok {
			values[g.cell.State(s)] = l.read(a)
		}
		incoming := lower.Num(0)
		switch {
		case !end:
			incoming = g.incomingGrad(l, s)
		case g.last[s] != nil:
			incoming = l.read(arrayOf(*g.last[s]))
		}
		if s == 0 && g.outputs != nil {
			incoming = incoming.Add(l.read(sampleAt(*g.outputs, t)))
		}
		values[g.cell.NextStateGrad(s)] = incoming
	}
	for i, v := range g.cell.Saved {
		values[v] = l.read(stepAt(g.saved, t).block(i, g.units))
	}
	for i, e := range g.grad.Steps {
		values[g.cell.GradStep(i)] = e.Subst(values...)
	}
	of := func(v int) lower.Expr {
		if v = g.grad.Of[v]; v < 0 {
			return lower.Num(0)
		}
		return values[v]
	}
	var carried []int
	for i := range g.cell.Gates {
		carried = append(carried, len(l.results))
		l.write(scratchAt(g.dzh, g.p.Of.Steps, g.width, t).block(i, g.units), of(g.cell.GateOfState(i)))
		if !g.splitProjections() {
			continue
		}
		to := scratchAt(g.dzx, g.inputSteps, g.width, t).block(i, g.units)
		d := of(g.cell.Gate(i))
		if !end && g.inputSteps < g.p.Of.Steps {
			d = l.read(to).Add(d)
		}
		l.write(to, d)
	}
	for s := range g.cell.NextStates {
		d := of(g.cell.State(s))
		switch {
		case k == 0 && s > 0 && g.p.State:
			l.write(g.states[s], d)
		case (k > 0 || g.p.State) && g.grad.Of[g.cell.State(s)] >= 0:
			l.write(g.stateArray(g.direct[s]), d)
		}
	}
	s := g.outgoingGrad(l, min(k+1, g.p.Of.Steps-1))
	s.carried = carried
	return s
}

// outgoingGrad is a step with the product of the gradient of the k-th step's
// projection and wh transposed.
func (g *recurGrad) outgoingGrad(l *cellLoop, k int) cellStep {
	transposed := form{of: [roles][]int{depth: {g.wh.Strides[1]}, columns: {g.wh.Strides[0]}}}
	return cellStep{cellLoop: l, row: scratchAt(g.dzh, g.p.Of.Steps, g.width, g.at(k)), deep: g.width, weights: transposed}
}

// initialStates writes the gradient of the initial h. The other states already have
// theirs.
func (g *recurGrad) initialStates() error {
	l := g.newCellLoop(1)
	l.write(g.states[0], g.incomingGrad(l, 0))
	return g.run(g.outgoingGrad(l, 0))
}

// inputs writes the gradient of x: the product of its projection's gradient and
// wx transposed.
func (g *recurGrad) inputs(dx array) error {
	var p placed
	p.group, p.shape = 1, g.x.Shape
	p.extents = extents{rows: {g.batch, g.inputSteps}, columns: {g.features}, depth: {g.width}}
	p.a = operand{{at: g.dzx, form: form{of: [roles][]int{rows: {g.inputSteps * g.width, g.width}, depth: {1}}}}}
	p.b = operand{{at: RefOf(g.wx), form: form{of: [roles][]int{depth: g.wx.Strides[1:], columns: g.wx.Strides[:1]}}}}
	p.place = []form{positionOf(rows, 0), positionOf(rows, 1), positionOf(columns, 0)}
	return g.store(p, dx)
}

// weights writes the gradients of the weights, which are products over all
// samples and steps, and of the bias.
func (g *recurGrad) weights(dwx, dwh, dBias array) error {
	var p placed
	p.group, p.shape = 1, g.wx.Shape
	p.extents = extents{rows: {g.features}, columns: {g.width}, depth: {g.batch, g.inputSteps}}
	p.a = operand{{at: RefOf(g.x), form: form{of: [roles][]int{rows: g.x.Strides[2:], depth: g.x.Strides[:2]}}}}
	p.b = operand{{at: g.dzx, form: form{of: [roles][]int{columns: {1}, depth: {g.inputSteps * g.width, g.width}}}}}
	p.place = []form{positionOf(rows, 0), positionOf(columns, 0)}
	if err := g.store(p, dwx); err != nil {
		return err
	}
	if err := g.store(g.weightsOfState(), dwh); err != nil {
		return err
	}
	return g.bias(dBias)
}

// weightsOfState is the product of the states before all steps and the gradients
// of their projections. The states before the first step are in another array,
// or zero; then the first step is left out.
func (g *recurGrad) weightsOfState() placed {
	steps, first := g.p.Of.Steps, 0
	if g.initial == nil {
		first = 1
	}
	var p placed
	p.group, p.shape = 1, g.wh.Shape
	p.extents = extents{rows: {g.units}, columns: {g.width}, depth: {g.batch, steps - first}}
	// The k-th step's time is zero + k*sign.
	zero, sign := 0, 1
	if g.p.Of.Reverse {
		zero, sign = steps-1, -1
	}
	k := form{of: [roles][]int{depth: {0, 1}}, plus: first}
	time := through([]form{k, {plus: 1}}, []int{sign, zero})
	timeBefore := time
	timeBefore.plus -= sign
	sample, unit := positionOf(depth, 0), positionOf(rows, 0)

	h := g.after[0]
	kBefore := k
	kBefore.plus--
	p.a = operand{{at: RefOf(h), form: through([]form{sample, timeBefore, unit}, h.Strides), within: []bound{{kBefore, steps}}}}
	if g.initial != nil {
		p.a = append(p.a, access{at: RefOf(g.initial[0]), form: through([]form{sample, unit}, g.initial[0].Strides)})
	}
	p.b = operand{{at: g.dzh, form: through([]form{sample, time, positionOf(columns, 0)}, []int{steps * g.width, g.width, 1})}}
	p.a.drop(&p.extents)
	p.place = []form{unit, positionOf(columns, 0)}
	return p
}

// bias writes the gradient of the bias: the gradient of a projection, summed
// over samples and steps. Its neighbouring blocks are one sum.
func (g *recurGrad) bias(to array) error {
	type sum struct {
		ref                Ref
		rows, block, count int
		first              int // block of the bias
	}
	var sums []sum
	for b := range g.cell.Biases {
		s := sum{rows: g.batch * g.p.Of.Steps, ref: g.dzh, block: -1, count: 1, first: b}
		for i := range g.cell.Gates {
			switch g.grad.Of[g.cell.Bias(b)] {
			case g.grad.Of[g.cell.Gate(i)]:
				s.ref, s.rows, s.block = g.dzx, g.batch*g.inputSteps, i
			case g.grad.Of[g.cell.GateOfState(i)]:
				s.block = i
			}
		}
		if s.block < 0 {
			return fmt.Errorf("block %d of the bias of the cell %v has a gradient that no projection has", b, g.p.Of.Cell)
		}
		if k := len(sums) - 1; k >= 0 && sums[k].ref == s.ref && sums[k].block+sums[k].count == s.block {
			sums[k].count++
			continue
		}
		sums = append(sums, s)
	}
	var all []loopOver
	for _, s := range sums {
		n := s.count * g.units
		r := plan.LoopResult{Expr: lower.Arg(0), Along: &lower.Reduce{Kind: lower.ReduceSum, Axes: []int{0}}}
		from := array{s.ref.plus(s.block * g.units), []int{g.width, 1}}
		out := array{to.ref.plus(s.first * g.units * to.strides[0]), []int{0, to.strides[0]}}
		all = append(all, over(plan.Loop{Results: []plan.LoopResult{r}}, lower.Shape{s.rows, n}, []array{from}, []array{out}))
	}
	return g.loops(all)
}
