package cpu

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// New compiles any Gorgonia graph, in place of gorgonia.NewTapeMachine: what a
// program names keeps working, Let between runs, Read, Node.Value of every
// node, Node.Grad, BindDualValues and Gorgonia's solvers. What went wrong in
// compiling is kept for the first RunAll.
//
// Of Gorgonia's options it takes BindDualValues, WithNaNWatch, WithInfWatch,
// TraceExec (values are published anyway) and EvalMode; any other is an error
// of the first RunAll that names it.
//
// A statement made by gorgonia.Set(a, b) takes effect after each run: a, which
// must be an input, holds a copy of b's value in the runs that follow.
//
// Where Gorgonia itself computes something wrong, this machine computes it
// right; Report lists such nodes, and those that run on the host.
func New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) *Machine { return Config{}.New(g, opts...) }

// New is the function New under the configuration.
func (c Config) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) *Machine {
	m, err := c.newDropIn(g, opts)
	if err != nil {
		return &Machine{failed: err}
	}
	return m
}

// dropIn is what a machine does besides for a program written for Gorgonia.
type dropIn struct {
	duals []dual
	reads []read
	sets  []set
	watch []*graph.Node // whose values are checked
	nan   bool
	inf   bool
}

// dual is a node whose gradient is added up in its dual value.
type dual struct{ node, deriv *graph.Node }

// read is a statement that hands a value to the program.
type read struct {
	from *graph.Node
	in   *graph.Node // of the statement's own graph
	vm   gorgonia.VM
}

// set is a statement that an input is to hold another node's value from now on.
type set struct{ node, to, from *graph.Node }

func (c Config) newDropIn(g *gorgonia.ExprGraph, opts []gorgonia.VMOpt) (m *Machine, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("cpu: %v", r)
		}
	}()
	if g == nil || len(g.AllNodes()) == 0 {
		return nil, errors.New("cpu: the graph is nil or has no nodes")
	}
	o, err := readOptions(g, opts)
	if err != nil {
		return nil, err
	}
	d := &dropIn{nan: o.nan, inf: o.inf}
	p, err := newPublisher(g)
	if err != nil {
		return nil, err
	}
	for _, n := range g.AllNodes() {
		if t, ok := n.Op().(gorgonia.TrainModeOp); ok {
			if err := t.SetTraining(!o.eval); err != nil {
				return nil, fmt.Errorf("cpu: node %s: %w", n.Name(), err)
			}
		}
		switch kindOf(n) {
		case "gorgonia.readOp":
			r, err := newRead(g, n)
			if err != nil {
				return nil, err
			}
			d.reads = append(d.reads, r)
			p.named[r.from] = true
		case "gorgonia.letOp":
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
			if o.binds(of) {
				d.duals = append(d.duals, dual{of, n})
				p.named[n] = true
			}
		}
		if p.publish(n) {
			d.watch = append(d.watch, n)
		}
	}
	if len(d.watch) == 0 {
		return nil, errors.New("cpu: the graph computes nothing: it has inputs only")
	}
	m, err = c.build(sourceOf(g, d.watch), func(*graph.Node) string { return "" })
	if err != nil {
		return nil, err
	}
	m.dropIn = d
	return m, nil
}

func kindOf(n *graph.Node) string { return fmt.Sprintf("%T", n.Op()) }

// isStatement reports whether a node computes nothing.
func isStatement(n *graph.Node) bool {
	kind := kindOf(n)
	return kind == "gorgonia.readOp" || kind == "gorgonia.letOp"
}

// publisher tells which nodes a program can name: every node of the forward
// pass and the gradients of inputs, but not the insides of a convolution and
// of the backward pass, which a plan may then join and split.
type publisher struct {
	gradient map[*graph.Node]bool // of the backward pass
	read     map[*graph.Node]bool // by another node
	named    map[*graph.Node]bool // by a statement
}

func newPublisher(g *gorgonia.ExprGraph) (publisher, error) {
	p := publisher{map[*graph.Node]bool{}, map[*graph.Node]bool{}, map[*graph.Node]bool{}}
	order, err := graph.Order(g, g.AllNodes()...)
	if err != nil {
		return p, err
	}
	for _, o := range order {
		n := o.Node
		p.gradient[n] = len(o.Operands) > 0 && n.Deriv() == nil && len(n.DerivOf()) > 0
		for _, x := range o.Operands {
			p.read[x] = p.read[x] || !isStatement(n)
			p.gradient[n] = p.gradient[n] || n.Deriv() == nil && p.gradient[x]
		}
	}
	return p, nil
}

func (p publisher) publish(n *graph.Node) bool {
	for _, of := range n.DerivOf() {
		if of.Op() == nil {
			return true
		}
	}
	if p.named[n] {
		return true
	}
	switch kindOf(n) {
	case "gorgonia.im2colOp", "gorgonia.col2imOp":
		return !p.read[n]
	}
	return !p.gradient[n] || !p.read[n]
}

// newRead prepares to run a Read statement, whose destination only Gorgonia
// knows, in a graph of its own.
func newRead(g *gorgonia.ExprGraph, n *graph.Node) (read, error) {
	from, err := graph.Operands(g, n)
	if err != nil {
		return read{}, err
	}
	r := read{from: from[0]}
	graph.Exclusive(func() {
		own := gorgonia.NewGraph()
		if shape := r.from.Shape(); len(shape) == 0 {
			r.in = gorgonia.NewScalar(own, r.from.Dtype(), gorgonia.WithName("value"))
		} else {
			r.in = gorgonia.NewTensor(own, r.from.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("value"))
		}
		gorgonia.NewUniqueNode(gorgonia.WithOp(n.Op()), gorgonia.WithChildren(gorgonia.Nodes{r.in}), gorgonia.In(own))
		r.vm = gorgonia.NewTapeMachine(own)
	})
	return r, nil
}

// newSet reads a statement's two nodes.
func newSet(g *gorgonia.ExprGraph, n *graph.Node) (set, error) {
	of, err := graph.Operands(g, n)
	if err != nil {
		return set{}, err
	}
	switch {
	case len(of) != 2:
		return set{}, fmt.Errorf("cpu: node %s: a Set statement has two nodes, this has %d", n.Name(), len(of))
	case of[0].Op() != nil:
		return set{}, fmt.Errorf("cpu: node %s: Set of %s, which is computed: only an input can be set", n.Name(), of[0].Name())
	case !of[0].Shape().Eq(of[1].Shape()) || of[0].Dtype() != of[1].Dtype():
		return set{}, fmt.Errorf("cpu: node %s: Set of %v %v to %v %v", n.Name(), of[0].Dtype(), of[0].Shape(), of[1].Dtype(), of[1].Shape())
	}
	return set{n, of[0], of[1]}, nil
}

// after does what a Gorgonia program expects once a run has published its values.
func (d *dropIn) after() error {
	for _, n := range d.watch {
		if err := d.check(n); err != nil {
			return err
		}
	}
	for _, b := range d.duals {
		if err := b.add(); err != nil {
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
		if err := gorgonia.UnsafeLet(r.in, r.from.Value()); err != nil {
			return fmt.Errorf("read of %s: %w", r.from.Name(), err)
		}
		r.vm.Reset()
		if err := r.vm.RunAll(); err != nil {
			return fmt.Errorf("read of %s: %w", r.from.Name(), err)
		}
	}
	return nil
}

// check is an error for a value that the program watches for.
func (d *dropIn) check(n *graph.Node) error {
	if !d.nan && !d.inf {
		return nil
	}
	x, err := graph.Floats(n)
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

// add adds the derivative's value to the node's gradient, which is made of
// zeros the first time.
func (b dual) add() error {
	if !isDual(b.node) {
		gorgonia.WithGrad(graph.ZeroValue(b.node.Dtype(), graph.Shape(b.node.Shape())))(b.node)
	}
	sum, err := b.node.Grad()
	if err != nil {
		return err
	}
	if b.node.Dtype() == graph.Float64 {
		return addTo[float64](sum, b.deriv.Value())
	}
	return addTo[float32](sum, b.deriv.Value())
}

func addTo[T float32 | float64](sum, x gorgonia.Value) error {
	y, err := graph.Elements[T](x)
	if err != nil {
		return err
	}
	switch s := any(sum).(type) {
	case *gorgonia.F32:
		*s += gorgonia.F32(y[0])
	case *gorgonia.F64:
		*s += gorgonia.F64(y[0])
	case *tensor.Dense:
		d, ok := s.Data().([]T)
		if !ok || len(d) != len(y) {
			return fmt.Errorf("a gradient of %d elements does not fit %v", len(y), s.Shape())
		}
		for i, v := range y {
			d[i] += v
		}
	}
	return nil
}

// isDual reports whether a dual value is bound to the node.
func isDual(n *graph.Node) bool {
	v := reflect.ValueOf(n).Elem().FieldByName("boundTo")
	return !v.IsNil() && v.Elem().Type().String() == "*gorgonia.dualValue"
}

// Let binds a value to an input for the runs that follow, as gorgonia.Let does.
func (m *Machine) Let(n *graph.Node, value any) error {
	if m.plan == nil {
		return m.unusable()
	}
	if n == nil {
		return errors.New("cpu: let: no node")
	}
	return gorgonia.Let(n, value)
}

// Set binds the value that node b has to node a, for the runs that follow.
func (m *Machine) Set(a, b *graph.Node) error {
	if m.plan == nil {
		return m.unusable()
	}
	if a == nil || b == nil || b.Value() == nil {
		return errors.New("cpu: set: want two nodes, the second with a value: run the machine first")
	}
	return gorgonia.UnsafeLet(a, b.Value())
}

// unusable says why a machine has no plan.
func (m *Machine) unusable() error {
	if m.failed != nil {
		return m.failed
	}
	return errClosed
}
