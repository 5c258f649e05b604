package code

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

const (
	// mostSplits is the most parts that a depth is split into.
	maxSplits = 1 << 10
	// fewSplits is the most parts of a product that a loop adds up itself.
	fewSplits = 8
)

// placed is a product and the places of its elements in the result.
type placed struct {
	product
	shape lower.Shape
	place []form // along each axis of the result
}

func (m *maker) matmul(s plan.Step) error { return m.productThen(s, s.Prim, identity) }

func (m *maker) conv(s plan.Step, p lower.Conv) error {
	return m.product(s, plan.Product{Of: p, Loop: identity})
}

func (m *maker) convData(s plan.Step, p lower.ConvData) error { return m.productThen(s, p, identity) }

func (m *maker) convFilter(s plan.Step, p lower.ConvFilter) error {
	return m.productThen(s, p, identity)
}

func (m *maker) product(s plan.Step, p plan.Product) error {
	if p.Of.Facts().Pooling != (lower.Pooling{}) {
		return m.computed(p.Of, p.Loop, s.In, s.Out)
	}
	return m.productThen(s, p.Of, p.Loop)
}

// identity is the loop that leaves a product as it is.
var identity = plan.Loop{Results: []plan.LoopResult{{Expr: lower.Arg(0)}}}

// productThen writes a step that is a product followed by a loop.
func (m *maker) productThen(s plan.Step, of lower.Prim, loop plan.Loop) error {
	a, b := m.plan.Values[s.In[0]], m.plan.Values[s.In[1]]
	p, err := productOf(of, a, b)
	if err != nil {
		return err
	}
	in := append([]array{{strides: p.shape.Strides()}}, m.arrays(s.In[2:])...)
	l := over(loop, p.shape, in, m.arrays(s.Out))
	if f, ok := m.byTaps(of, &p.product, a, b); ok {
		return m.filter(f, a, b, p.shape, l)
	}
	if c, ok := m.byWindows(of, &p, a, b, l); ok {
		return m.convolve(c, p, a, l)
	}
	if m.single(s, of) {
		return m.computed(of, loop, s.In, s.Out)
	}
	return m.then(p, l)
}

// productOf is a primitive as a product.
func productOf(of lower.Prim, a, b plan.Layout) (placed, error) {
	shapes, err := of.Infer([]lower.Shape{a.Shape, b.Shape})
	if err != nil {
		return placed{}, err
	}
	var p placed
	switch of := of.(type) {
	case lower.MatMul:
		p = matrices(a, b, shapes[0])
	case lower.Conv:
		p = convolution(of, a, b, shapes[0])
	case lower.ConvData:
		p = convolutionData(of, a, b, shapes[0])
	case lower.ConvFilter:
		p = convolutionFilter(of, a, b, shapes[0])
	default:
		return p, unknown(of)
	}
	p.a.drop(&p.extents)
	p.b.drop(&p.extents)
	return p, nil
}

// matrices is the product of [..., m, k] and [..., k, n].
func matrices(a, b plan.Layout, shape lower.Shape) placed {
	last := len(shape) - 1
	var p placed
	p.group, p.shape = 1, shape
	p.extents = extents{batch: shape[:last-1], rows: {shape[last-1]}, columns: {shape[last]}, depth: {a.Shape[last]}}
	p.a = operand{{at: RefOf(a), form: form{of: [roles][]int{batch: a.Strides[:last-1], rows: {a.Strides[last-1]}, depth: {a.Strides[last]}}}}}
	p.b = operand{{at: RefOf(b), form: form{of: [roles][]int{batch: b.Strides[:last-1], depth: {b.Strides[last-1]}, columns: {b.Strides[last]}}}}}
	for i := range shape[:last-1] {
		p.place = append(p.place, positionOf(batch, i))
	}
	p.place = append(p.place, positionOf(rows, 0), positionOf(columns, 0))
	return p
}

// positionOf is the position along an axis of a product.
func positionOf(r role, i int) form {
	var f form
	f.of[r] = make([]int, i+1)
	f.of[r][i] = 1
	return f
}

// then computes a product and the loop that follows it: if possible in one
// kernel, and one more for sums over several blocks. Else the product, or the
// parts of its depth, go to scratch memory, and the loop follows.
func (m *maker) then(p placed, l loopOver) error {
	if p.size(depth) == 0 {
		return m.loops([]loopOver{l.replaced(lower.Num(0))})
	}
	if call, ok := byLibrary(p); ok {
		return m.library(p, call, l)
	}
	sums, ok := l.blockSums(&p.extents, p.place)
	c := choose(m.tiles(m.step), m.extent(&p.product, maxSplits))
	if c.splits == 1 && ok {
		return m.direct(p, ceil(p.size(rows), c.high), ceil(p.size(columns), c.wide), l, sums, func(p *product) error { return m.multiply(p, c) })
	}
	parts := m.allocScratch(c.splits * p.shape.Size())
	all := array{parts, p.shape.Strides()}
	f := epilogueOf(over(identity, p.shape, l.in[:1], []array{all}), &p.extents, p.place, nil)
	if c.splits > 1 {
		f.split = p.shape.Size()
	}
	p.epilogue = f
	if err := m.multiply(&p.product, c); err != nil {
		return err
	}
	return m.follow(l, parts, c.splits)
}

// direct computes a product and its loop in one kernel, which write writes, with so many
// blocks down the rows and across the columns. A second kernel adds up the sums that
// blocks leave in scratch memory.
func (m *maker) direct(p placed, down, across int, l loopOver, sums []*blockSum, write func(*product) error) error {
	var rest []loopOver
	k := 0
	for i, axes := range l.along {
		if axes == nil {
			continue
		}
		s, parts, n := sums[k], p.size(batch), 1
		k++
		if s.rows {
			parts *= down
		} else {
			n = p.size(rows)
		}
		if s.columns {
			parts *= across
		} else {
			n = p.size(columns)
		}
		s.to = l.results[i].out.ref
		if parts > 1 {
			s.to = m.allocScratch(parts * n)
			rest = append(rest, loopOver{
				shape:   lower.Shape{parts, n},
				in:      []array{{s.to, []int{n, 1}}},
				results: []result{{expr: lower.Arg(0), kind: s.kind, out: array{l.results[i].out.ref, []int{0, 1}}}},
				along:   [][]int{{0}},
			})
		}
	}
	p.epilogue = epilogueOf(l, &p.extents, p.place, sums)
	if err := write(&p.product); err != nil {
		return err
	}
	return m.loops(rest)
}

// library calls the library for a product, and then runs its loop.
func (m *maker) library(p placed, call Product, l loopOver) error {
	if l.plain() && slices.Equal(l.results[0].out.strides, p.shape.Strides()) {
		call.C = l.results[0].out.ref
		m.call(Call{Product: &call})
		return nil
	}
	call.C = m.allocScratch(p.shape.Size())
	m.call(Call{Product: &call})
	return m.follow(l, call.C, 1)
}

// follow writes the loop that follows a product. The parts to add up are in
// scratch memory, one after another.
func (m *maker) follow(l loopOver, parts Ref, splits int) error {
	n := l.shape.Size()
	if splits > fewSplits || splits > 1 && l.plain() {
		fold := loopOver{
			shape:   append(lower.Shape{splits}, l.shape...),
			in:      []array{{parts, append([]int{n}, l.shape.Strides()...)}},
			results: []result{{expr: lower.Arg(0), kind: lower.ReduceSum}},
			along:   [][]int{{0}},
		}
		to := array{strides: l.shape.Strides()}
		if l.plain() {
			to = l.results[0].out
		} else {
			to.ref = m.allocScratch(n)
		}
		fold.results[0].out = array{to.ref, append([]int{0}, to.strides...)}
		if err := m.loops([]loopOver{fold}); err != nil || l.plain() {
			return err
		}
		parts, splits = to.ref, 1
	}
	sum := lower.Arg(0)
	l.in = slices.Clone(l.in)
	l.in[0] = array{parts, l.shape.Strides()}
	for i := 1; i < splits; i++ {
		sum = sum.Add(lower.Arg(len(l.in)))
		l.in = append(l.in, array{parts.plus(i * n), l.shape.Strides()})
	}
	return m.loops([]loopOver{l.replaced(sum)})
}

// plain reports whether the loop's only result is the product itself.
func (l *loopOver) plain() bool {
	return len(l.results) == 1 && l.along[0] == nil && l.results[0].expr.Fn() == lower.FnArg && l.results[0].expr.Index() == 0
}

// replaced is the loop with another expression for its first operand.
func (l loopOver) replaced(first lower.Expr) loopOver {
	args := []lower.Expr{first}
	for i := 1; i < len(l.in); i++ {
		args = append(args, lower.Arg(i))
	}
	l.results = slices.Clone(l.results)
	for i := range l.results {
		l.results[i].expr = l.results[i].expr.Subst(args...)
	}
	return l
}
