package graph

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// The types of Gorgonia and of package lower that users of graphs need.
type (
	Node  = gorgonia.Node
	Dtype = tensor.Dtype
	Shape = lower.Shape
	Array = lower.Array[float64]
)

// The element types of a graph.
var (
	Float32 = tensor.Float32
	Float64 = tensor.Float64
)

// Config says what the graph of a Builder is for.
type Config struct {
	// Training selects the training behaviour of dropout, noise and batch norm.
	Training bool
	// Seed is the key of the random numbers drawn inside the graph.
	Seed uint64
}

// Builder builds one graph. A Builder made by Scope is the same builder with a
// longer prefix for names. A Builder is not safe for concurrent use; several
// builders may share one Params.
type Builder struct {
	*build
	scope string
}

// build is what all scopes of a builder share.
type build struct {
	Config
	g         *gorgonia.ExprGraph
	params    *Params
	dtype     Dtype
	err       error
	inputs    map[string]*Node
	order     []Input // the inputs in the order in which they were added
	outputs   []Output
	domains   []Domain              // of the elements of inputs
	readers   map[string]*Node      // the node that reads a parameter, by its name
	owner     map[*Node]*Param      // the parameter that a node reads
	scopes    map[*Node]string      // the scope that a node was added in
	grads     map[*Node]*Node       // from a gradient's node to the node it is the gradient of
	used      map[string]int        // how often a name was asked for
	hashes    map[uint32]*Node      // nodes by their Gorgonia hash
	constants map[uint64][]constant // by a hash of their elements
	updates   []Update
	layers    []Layer
}

// New starts a graph over the parameters, with their element type. If the
// parameters are nil, or of a type other than Float32 and Float64, Err returns
// that mistake.
func New(p *Params, c Config) *Builder {
	var err error
	if p == nil || p.dtype != Float32 && p.dtype != Float64 {
		err = errors.New("graph: no parameters of Float32 or Float64: make them with NewParams")
		p = NewParams(Float32, 0)
	}
	return &Builder{build: &build{
		Config:    c,
		g:         gorgonia.NewGraph(),
		params:    p,
		dtype:     p.dtype,
		err:       err,
		inputs:    map[string]*Node{},
		readers:   map[string]*Node{},
		owner:     map[*Node]*Param{},
		grads:     map[*Node]*Node{},
		scopes:    map[*Node]string{},
		used:      map[string]int{},
		hashes:    map[uint32]*Node{},
		constants: map[uint64][]constant{},
	}}
}

// Scope returns the builder with name added to the prefix of names: "a" then
// "b" is "a/b".
func (b *Builder) Scope(name string) *Builder {
	if b == nil {
		return nil
	}
	return &Builder{b.build, join(b.scope, name)}
}

func join(scope, name string) string {
	switch {
	case scope == "":
		return name
	case name == "":
		return scope
	}
	return scope + "/" + name
}

// Path returns the scope, such as "encoder/conv1".
func (b *Builder) Path() string { return b.scope }

// Graph returns the Gorgonia graph.
func (b *Builder) Graph() *gorgonia.ExprGraph { return b.g }

// Params returns the parameters the graph is built over.
func (b *Builder) Params() *Params { return b.params }

// Dtype returns the element type.
func (b *Builder) Dtype() Dtype { return b.dtype }

// Err returns the first mistake made in building, or nil. A nil Builder returns
// an error too.
func (b *Builder) Err() error {
	if b == nil {
		return errors.New("graph: no builder: make one with New")
	}
	return b.err
}

// Failf records a mistake under the name of the layer, if it is the first one.
func (b *Builder) Failf(format string, args ...any) {
	if b.Err() != nil {
		return
	}
	err := fmt.Errorf(format, args...)
	if b.scope != "" {
		err = fmt.Errorf("layer %q: %w", b.scope, err)
	}
	b.err = fmt.Errorf("graph: %w", err)
}

// Unique returns the scoped name. From its second use on, it ends in _1, _2, ...
func (b *Builder) Unique(name string) string {
	name = join(b.scope, name)
	n := b.used[name]
	b.used[name]++
	if n > 0 {
		return fmt.Sprintf("%s_%d", name, n)
	}
	return name
}

// Input adds an input with the scoped name. A machine takes its elements under
// that name before a run.
func (b *Builder) Input(name string, shape ...int) *Node {
	if b.Err() != nil {
		return nil
	}
	name = join(b.scope, name)
	if b.inputs[name] != nil || b.readers[name] != nil {
		b.Failf("input %q: the name is taken: names of inputs and parameters are unique in a graph", name)
		return nil
	}
	if err := Shape(shape).Check(); err != nil {
		b.Failf("input %q: %w", name, err)
		return nil
	}
	if err := fits(int64(Shape(shape).Size())*int64(b.dtype.Size()), shape); err != nil {
		b.Failf("input %q: %w", name, err)
		return nil
	}
	n := b.leaf(name, shape, value.Zero(b.dtype, shape))
	if n != nil {
		b.inputs[name] = n
		b.order = append(b.order, Input{Name: name, Shape: Shape(shape).Clone(), Node: n})
	}
	return n
}

// optional gives the default value v to the input that was added last.
func (b *Builder) optional(n *Node, v float64) {
	if n != nil && b.Err() == nil {
		in := &b.order[len(b.order)-1]
		in.Optional, in.Default = true, v
	}
}

// Scalar adds a scalar input whose value is v until it is set.
func (b *Builder) Scalar(name string, v float64) *Node {
	n := b.Input(name)
	if n != nil {
		b.optional(n, v)
		if err := value.Bind(n, v); err != nil {
			b.Failf("input %q: %w", name, err)
		}
	}
	return n
}

// leaf adds a node with a value and no operands.
func (b *Builder) leaf(name string, shape Shape, v gorgonia.Value) (n *Node) {
	defer b.recoverPanic("node", name)
	name = b.leafName(name, shape)
	exprgraph.WithBuildLock(func() {
		if len(shape) == 0 {
			n = gorgonia.NewScalar(b.g, b.dtype, gorgonia.WithName(name), gorgonia.WithValue(v))
			return
		}
		n = gorgonia.NewTensor(b.g, b.dtype, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(v))
	})
	b.record(n)
	return n
}

// recoverPanic turns Gorgonia's panics into errors.
func (b *Builder) recoverPanic(what, name string) {
	if r := recover(); r != nil {
		b.Failf("%s %q: gorgonia: %v", what, name, r)
	}
}

// operands returns the shapes of the nodes, which must be of this graph.
func (b *Builder) operands(in []*Node) ([]Shape, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("want at least one operand")
	}
	shapes := make([]Shape, len(in))
	for i, n := range in {
		switch {
		case n == nil:
			return nil, fmt.Errorf("operand %d is nil", i)
		case n.Graph() != b.g:
			return nil, fmt.Errorf("operand %d, %s, is of another graph", i, n.Name())
		case n.Dtype() != b.dtype:
			return nil, fmt.Errorf("operand %d, %s, is %v, the graph is %v", i, n.Name(), n.Dtype(), b.dtype)
		}
		shapes[i] = Shape(n.Shape())
	}
	return shapes, nil
}

// apply adds the node of an op and returns its results.
func (b *Builder) apply(a *applied, in []*Node) []*Node {
	n := b.add(a, in)
	if n == nil || len(a.out) == 1 {
		return []*Node{n}
	}
	outs := make([]*Node, len(a.out))
	at := 0
	for i, s := range a.out {
		outs[i] = b.unpack(n, part{Result: i, At: at, Of: a.nodeShape()[0], Shape: s})
		at += s.Size()
	}
	return outs
}

// add adds one node to the Gorgonia graph; equal nodes merge.
func (b *Builder) add(a *applied, in []*Node) (n *Node) {
	defer b.recoverPanic("op", a.info.Name)
	b.saltFor(a, in)
	var err error
	exprgraph.WithBuildLock(func() { n, err = gorgonia.ApplyOp(a, in...) })
	if err != nil {
		b.Failf("%s of %v: gorgonia: %w", a.info.Name, a.in, err)
		return nil
	}
	b.record(n)
	return n
}

// LayerOf returns the scope that a node was added in, such as "encoder/conv1", or
// "" if the builder did not add it.
func (b *Builder) LayerOf(n *Node) string { return b.scopes[n] }

// record notes the scope and the hash of a new node.
func (b *Builder) record(n *Node) {
	if _, ok := b.scopes[n]; !ok {
		b.scopes[n] = b.scope
		b.hashes[n.Hashcode()] = n
	}
}
