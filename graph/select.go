package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Select returns the part of a program that computes some of its outputs from the
// inputs that they need, and changes no parameter. Each given output becomes an
// input of that name, and nodes that only lead to it are left out:
//
//	encode, err := p.Select([]string{"code"})
//	decode, err := p.Select([]string{"recon"}, "code")
func (p *Program) Select(outputs []string, given ...string) (*Program, error) {
	c := p.copier()
	for _, name := range given {
		out, err := p.FindOutput(name)
		if err != nil {
			return nil, fmt.Errorf("graph: %w", err)
		}
		if _, taken := p.input[name]; taken {
			return nil, fmt.Errorf("graph: output %q cannot be given: an input has that name", name)
		}
		c.of[out.Node] = c.b.Input(name, out.Shape...)
	}
	for _, name := range outputs {
		out, err := p.FindOutput(name)
		if err != nil {
			return nil, fmt.Errorf("graph: %w", err)
		}
		c.b.Output(name, c.node(out.Node))
	}
	return c.b.Program()
}

// Copy returns the same program over a new Gorgonia graph, for a machine that writes
// to nodes.
func (p *Program) Copy() (*Program, error) {
	c := p.copier()
	for _, in := range p.inputs {
		c.node(in.Node)
	}
	for _, out := range p.outputs {
		c.b.Output(out.Name, c.node(out.Node))
	}
	for _, u := range p.updates {
		c.b.Update(c.node(u.Node), c.node(u.Next))
	}
	return c.b.Program()
}

// copier copies nodes of a program into a new builder.
type copier struct {
	from *Program
	b    *Builder
	of   map[*Node]*Node // from a node of the program to its copy
}

func (p *Program) copier() *copier {
	b := New(p.params, p.config)
	b.layers, b.domains = slices.Clone(p.layers), slices.Clone(p.domains)
	return &copier{p, b, map[*Node]*Node{}}
}

// node returns the copy of a node. It copies the nodes that n depends on first.
func (c *copier) node(n *Node) *Node {
	if c.b.Err() != nil || c.of[n] != nil {
		return c.of[n]
	}
	order, err := exprgraph.OrderUntil(c.from.graph, func(n *Node) bool { return c.of[n] != nil }, n)
	if err != nil {
		c.b.Failf("%w", err)
		return nil
	}
	for _, o := range order {
		if c.of[o.Node] == nil && c.b.Err() == nil {
			c.of[o.Node] = c.copyOf(o)
			c.b.scopes[c.of[o.Node]] = c.from.scopes[o.Node]
		}
	}
	for to, from := range c.from.grads {
		if c.of[to] != nil && c.of[from] != nil {
			c.b.grads[c.of[to]] = c.of[from]
		}
	}
	return c.of[n]
}

// copyOf copies one node, whose operands are already copied.
func (c *copier) copyOf(o exprgraph.Ordered) (n *Node) {
	if q := c.from.owner[o.Node]; q != nil {
		return c.b.Node(q)
	}
	for _, in := range c.from.inputs {
		if in.Node == o.Node {
			n := c.b.Input(in.Name, in.Shape...)
			if in.Optional {
				c.b.optional(n, in.Default)
			}
			return n
		}
	}
	defer c.b.recoverPanic("node", o.Node.Name())
	if len(o.Operands) == 0 { // such as a constant, which can lie outside any graph
		exprgraph.WithBuildLock(func() { n = o.Node.CloneTo(c.b.g) })
		return n
	}
	operands := make([]*Node, len(o.Operands))
	for i, x := range o.Operands {
		operands[i] = c.of[x]
	}
	if a, ours := appliedAt(o.Node); ours {
		own := *a // the builder may change its salt
		return c.b.add(&own, operands)
	}
	var err error
	exprgraph.WithBuildLock(func() { n, err = gorgonia.ApplyOp(o.Node.Op(), operands...) })
	if err != nil {
		c.b.Failf("node %s: gorgonia: %w", o.Node.Name(), err)
		return nil
	}
	c.b.record(n)
	return n
}
