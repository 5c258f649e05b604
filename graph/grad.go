package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Grad adds the gradients of a scalar loss with respect to the nodes wrt and
// returns them in that order. It differentiates this package's ops and Gorgonia's
// own. If the loss does not depend on one of the nodes, the error names that node.
// If every derivative between the two is 0, as that of a comparison or of
// StopGradient is, the gradient is zeros. One graph can have the gradients of any
// number of losses.
func (b *Builder) Grad(loss *Node, wrt ...*Node) []*Node {
	grads := b.grad(loss, wrt, true)
	if b.Err() != nil {
		return make([]*Node, len(wrt))
	}
	return grads
}

// grad is Grad. Unless all is set, nodes that no gradient reaches get nil.
func (b *Builder) grad(loss *Node, wrt []*Node, all bool) []*Node {
	if b.Err() != nil {
		return nil
	}
	if _, err := b.operands(append([]*Node{loss}, wrt...)); err != nil {
		b.Failf("gradient: %w", err)
		return nil
	}
	if len(loss.Shape()) != 0 {
		b.Failf("gradient: the loss has shape %v, want a scalar: take its Sum or Mean", Shape(loss.Shape()))
		return nil
	}
	ordered, err := exprgraph.Order(b.g, loss)
	if err != nil {
		b.Failf("gradient: %w", err)
		return nil
	}
	r := reverse{b: b, children: map[*Node][]*Node{}, grads: map[*Node][]*Node{}, parts: map[*Node][]*Node{}}
	order := make([]*Node, len(ordered))
	for i, o := range ordered {
		order[i] = o.Node
		r.children[o.Node] = o.Operands
	}
	live := r.dependents(order, wrt)
	for _, w := range wrt {
		if all && (!live[loss] || !slices.Contains(order, w)) {
			b.Failf("gradient: the loss does not depend on %s", w.Name())
			return nil
		}
	}
	r.grads[loss] = []*Node{b.Scope("grad").Map(one(), loss)}
	for i := len(order) - 1; i >= 0 && b.Err() == nil; i-- {
		if n := order[i]; live[n] {
			r.visit(n, live)
		}
	}
	out := make([]*Node, len(wrt))
	for i, w := range wrt {
		out[i] = r.total(w)
		switch {
		case out[i] == nil && all && r.cut && b.Err() == nil:
			b.Failf("gradient: no gradient reaches %s: an op between it and the loss has none", w.Name())
		case out[i] == nil && all:
			out[i] = b.Map(zero(), w) // every derivative between the two is 0
		case out[i] != nil && b.grads[out[i]] == nil:
			b.grads[out[i]] = w
		}
	}
	return out
}

// reverse is the state of one reverse sweep.
type reverse struct {
	b        *Builder
	children map[*Node][]*Node
	grads    map[*Node][]*Node // contributions to each node's gradient
	parts    map[*Node][]*Node // the gradient of each result of a packed node
	cut      bool              // the sweep met an op of Gorgonia's without a gradient
}

// dependents returns which of the nodes depend on one of wrt.
func (r *reverse) dependents(order, wrt []*Node) map[*Node]bool {
	live := map[*Node]bool{}
	for _, w := range wrt {
		live[w] = true
	}
	for _, n := range order {
		for _, c := range r.children[n] {
			live[n] = live[n] || live[c]
		}
	}
	return live
}

// total returns the sum of the contributions to a node's gradient, or nil.
func (r *reverse) total(n *Node) *Node {
	gs := r.grads[n]
	if len(gs) == 0 {
		return nil
	}
	if len(gs) > 1 {
		gs = []*Node{r.at(n).AddN(gs...)}
		r.grads[n] = gs
	}
	return gs[0]
}

// at returns a builder whose names and errors name the scope of the node.
func (r *reverse) at(n *Node) *Builder {
	return &Builder{r.b.build, join(r.b.scopes[n], "grad")}
}

// visit passes the gradient of a node on to its operands.
func (r *reverse) visit(n *Node, live map[*Node]bool) {
	in := r.children[n]
	if len(in) == 0 {
		return
	}
	b := r.at(n)
	g := r.total(n)
	if g == nil && r.parts[n] == nil {
		return
	}
	ap, ours := appliedAt(n)
	if ours && ap.part != nil { // pass the gradient to the packed node unchanged
		parent, _ := appliedAt(in[0])
		if r.parts[in[0]] == nil {
			r.parts[in[0]] = make([]*Node, len(parent.out))
		}
		r.parts[in[0]][ap.part.Result] = g
		return
	}
	want := make([]bool, len(in))
	for i, c := range in {
		want[i] = live[c]
	}
	var gs []*Node
	if ours {
		gs = ap.pull(b, n, in, want, g, r.parts[n])
	} else {
		for i, d := range differentiable(n, len(in)) {
			want[i] = want[i] && d
		}
		if !slices.Contains(want, true) {
			r.cut = true
			return
		}
		gs = pullGorgonia(&Pullback{B: b, In: in, Out: []*Node{n}, Grad: []*Node{g}, Want: want})
	}
	if b.Err() != nil {
		return
	}
	for i, c := range in {
		if !want[i] || i >= len(gs) || gs[i] == nil {
			continue
		}
		if !Shape(gs[i].Shape()).Equal(Shape(c.Shape())) {
			b.Failf("gradient of %s: operand %d has shape %v, its gradient %v", n.Name(), i, Shape(c.Shape()), Shape(gs[i].Shape()))
			return
		}
		r.grads[c] = append(r.grads[c], gs[i])
	}
}

// pull calls the op's declared gradient. For an op with several results, whole is
// the gradient of the packed node, and parts has the gradient of each result; both
// can be nil.
func (a *applied) pull(b *Builder, n *Node, in []*Node, want []bool, whole *Node, parts []*Node) []*Node {
	if a.grad == nil {
		b.Failf("gradient: op %s has none", a.info.Name)
		return nil
	}
	p := &Pullback{B: b, In: in, Want: want, Out: []*Node{n}, Grad: []*Node{whole}}
	if len(a.out) > 1 {
		p.Out, p.Grad = nil, make([]*Node, len(a.out))
		at := 0
		for i, s := range a.out {
			pt := part{Result: i, At: at, Of: a.nodeShape()[0], Shape: s}
			p.Out = append(p.Out, b.unpack(n, pt))
			if parts != nil {
				p.Grad[i] = parts[i]
			}
			if whole != nil {
				g := unpackOp().Apply(b, pt, whole)
				if p.Grad[i] != nil {
					g = b.AddN(p.Grad[i], g)
				}
				p.Grad[i] = g
			}
			at += s.Size()
		}
	}
	gs := a.grad(p)
	if b.Err() == nil && len(gs) != len(in) {
		b.Failf("gradient: op %s returned %d gradients for %d operands", a.info.Name, len(gs), len(in))
	}
	return gs
}

// DiffWRT tells Gorgonia which operands have a gradient: all if the op has one,
// otherwise none.
func (a *applied) DiffWRT(n int) []bool {
	d := make([]bool, max(0, min(n, len(a.in))))
	for i := range d {
		d[i] = a.grad != nil
	}
	return d
}

// SymDiff adds the op's gradient for gorgonia.Grad.
func (a *applied) SymDiff(in gorgonia.Nodes, out, grad *Node) (gorgonia.Nodes, error) {
	is := func(n *Node, s Shape) bool { return n != nil && Shape(n.Shape()).Equal(s) }
	if !slices.EqualFunc(in, a.in, is) || !is(out, a.nodeShape()) || !is(grad, a.nodeShape()) {
		return nil, fmt.Errorf("graph: gradient of %v: want its operands of %v, its result of %v and the gradient of that", a, a.in, a.nodeShape())
	}
	b := New(NewParams(a.dtype, 0), Config{})
	b.g = out.Graph()
	want := make([]bool, len(in))
	for i := range want {
		want[i] = true
	}
	gs := a.pull(b, out, in, want, grad, nil)
	if b.Err() != nil {
		return nil, b.err
	}
	for i, g := range gs {
		if g == nil { // Gorgonia needs a node for every operand
			gs[i] = b.Map(zero(), in[i])
		}
	}
	return gs, b.err
}
