package compiled

import (
	"errors"
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
)

// dropIn is what a machine does in addition for a program written for Gorgonia.
type dropIn struct {
	duals []dual
	reads []read
	sets  []set
	kept  []*graph.Node // the nodes that a run publishes
	nan   bool          // a NaN in a kept node is an error
	inf   bool          // an infinity in a kept node is an error
	log   runLog

	engine  tensor.ConsOpt // sets the engine of published values
	tensors []tensorScalar // scalars in kept that may be tensors
	ignored []string       // why options were ignored
}

func (b Backend) newDropIn(g *gorgonia.ExprGraph, opts []gorgonia.VMOpt) (m *Machine, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("%v", r)
		}
	}()
	if g == nil || len(g.AllNodes()) == 0 {
		return nil, errors.New("the graph is nil or has no nodes")
	}
	o, err := readOptions(g, opts)
	if err != nil {
		return nil, err
	}
	g = o.graph
	d := &dropIn{nan: o.nan, inf: o.inf, log: o.log, engine: tensor.WithEngine(o.engine), ignored: o.ignored}
	exprgraph.WithBuildLock(func() { d.setEngines(g) })
	p, err := newPublisher(g)
	if err != nil {
		return nil, err
	}
	modes := plan.NewModes(!o.eval)
	for _, n := range g.AllNodes() {
		if err := modes.Begin(n.Op()); err != nil {
			return nil, fmt.Errorf("node %s: %w", n.Name(), err)
		}
		switch plan.KindOf(n.Op()) {
		case "readOp":
			r, err := newRead(g, n)
			if err != nil {
				return nil, err
			}
			d.reads = append(d.reads, r)
			p.named[r.from] = true
		case "letOp":
			s, err := newSet(g, n)
			if err != nil {
				return nil, err
			}
			d.sets = append(d.sets, s)
			p.named[s.from] = true
		}
	}
	for _, n := range g.AllNodes() {
		if n.Op() == nil || isStatement(n) {
			continue
		}
		for _, of := range n.DerivOf() {
			if binds := o.binds(of); binds || of.Op() == nil && isShared(n) {
				d.duals = append(d.duals, dual{of, n, !binds})
				p.named[n] = true
			}
		}
		p.named[n] = p.named[n] || o.log.needs(n)
	}
	if inner := p.inner(g); o.trace || isSmall(inner) {
		for _, n := range inner {
			p.named[n] = true
		}
	} else if err := bindPlaceholder(inner); err != nil {
		return nil, err
	}
	for _, n := range g.AllNodes() {
		if n.Op() != nil && !isStatement(n) && p.publish(n) {
			d.kept = append(d.kept, n)
		}
	}
	if len(d.kept) == 0 {
		return nil, errors.New("the graph computes nothing: it has inputs only")
	}
	source, order, err := sourceOf(g, d.kept)
	if err != nil {
		return nil, err
	}
	d.tensors = tensorScalars(order, d.kept)
	source.Modes = modes
	m, err = b.build(source, gorgoniaOrigin())
	if err != nil {
		return nil, err
	}
	m.dropIn = d
	return m, nil
}

// gorgoniaOrigin is the origin of nodes that no builder created.
func gorgoniaOrigin() origin {
	return origin{
		layer: func(*graph.Node) string { return "" },
		gradientOf: func(n *graph.Node) *graph.Node {
			for _, of := range n.DerivOf() {
				return of
			}
			return nil
		},
	}
}

// setEngines gives the machine's tensor engine to input tensors that have the default
// engine, as a TapeMachine does, because gradients get that engine too. A tensor
// whose engine the program chose keeps it.
func (d *dropIn) setEngines(g *gorgonia.ExprGraph) {
	for _, n := range g.AllNodes() {
		if t, ok := n.Value().(*tensor.Dense); ok && n.Op() == nil {
			if _, plain := t.Engine().(tensor.StdEng); plain {
				d.engine(t)
			}
		}
	}
}

// afterRun does what a Gorgonia program expects after a run has published its values.
func (d *dropIn) afterRun(e Engine) error {
	for _, s := range d.tensors {
		if err := s.bind(); err != nil {
			return fmt.Errorf("node %s: %w", s.node.Name(), err)
		}
	}
	for _, n := range d.kept {
		if t, ok := n.Value().(*tensor.Dense); ok {
			d.engine(t)
		}
		if err := d.check(n); err != nil {
			return err
		}
	}
	d.log.write(d.kept)
	for _, b := range d.duals {
		if err := b.add(e); err != nil {
			return fmt.Errorf("gradient of %s: %w", b.node.Name(), err)
		}
	}
	for _, s := range d.sets {
		v, err := gorgonia.CloneValue(s.from.Value())
		if err == nil {
			err = gorgonia.UnsafeLet(s.to, v)
		}
		if err != nil {
			return fmt.Errorf("set %s: %w", s.to.Name(), err)
		}
	}
	for _, r := range d.reads {
		if err := r.copyOut(); err != nil {
			return fmt.Errorf("read of %s: %w", r.from.Name(), err)
		}
	}
	return nil
}

// check returns an error if the node's value has a NaN or an infinity that the
// program watches for.
func (d *dropIn) check(n *graph.Node) error {
	if !d.nan && !d.inf {
		return nil
	}
	if d := n.Dtype(); d != graph.Float32 && d != graph.Float64 {
		return nil // always finite
	}
	x, err := value.Of(n)
	if err != nil {
		return err
	}
	for i, v := range x {
		if d.nan && math.IsNaN(v) || d.inf && math.IsInf(v, 0) {
			return fmt.Errorf("%v at element %d of node %s (%d)", v, i, n.Name(), n.ID())
		}
	}
	return nil
}

// Let binds a value to an input for the following runs, as gorgonia.Let does.
func (m *Machine) Let(n *graph.Node, value any) error {
	if err := m.acquire(); err != nil {
		return err
	}
	defer m.release()
	if n == nil {
		return m.backend.named(errors.New("let: no node"))
	}
	return gorgonia.Let(n, value)
}

// Set binds the current value of node b to node a for the following runs.
func (m *Machine) Set(a, b *graph.Node) error {
	if err := m.acquire(); err != nil {
		return err
	}
	defer m.release()
	if a == nil || b == nil || b.Value() == nil {
		return m.backend.named(errors.New("set: want two nodes, and a value of the second: run the machine first"))
	}
	return gorgonia.UnsafeLet(a, b.Value())
}
