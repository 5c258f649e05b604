package graph

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/storage"
	"github.com/stheno-ml/stheno/internal/value"
)

// Param is a named array that persists between runs: a weight, which training
// changes by gradients, or a state, such as a running mean or an optimiser's
// moment.
type Param struct {
	name      string
	shape     Shape
	trainable bool
	array     storage.Array
}

// Name returns the full name, such as "encoder/fc1/w".
func (p *Param) Name() string { return p.name }

// Shape returns the shape.
func (p *Param) Shape() Shape { return p.shape }

// Trainable reports whether it is a weight rather than a state.
func (p *Param) Trainable() bool { return p.trainable }

// Value returns the array itself, as graphs read it; that of a scalar has the shape [1].
// Do not write to it: use SetFloats. While a device trains, the array falls behind the
// device, and Value brings it up to date. If that fails, Value returns the array as it
// was, and Sync returns the error.
func (p *Param) Value() *tensor.Dense { return p.array.Value() }

// Sync brings the array up to date with a device that has a newer value. If it
// returns no error, nothing that the parameter returns is stale.
func (p *Param) Sync() error {
	if err := p.array.Sync(); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	return nil
}

// Storage returns the array for this module's compilers.
func (p *Param) Storage(storage.Access) *storage.Array { return &p.array }

// Floats returns a copy of the elements of Value.
func (p *Param) Floats() []float64 {
	switch d := p.Value().Data().(type) {
	case []float32:
		out := make([]float64, len(d))
		for i, v := range d {
			out[i] = float64(v)
		}
		return out
	case []float64:
		return append([]float64(nil), d...)
	}
	return nil
}

// nodeValue returns the value of the nodes that read the parameter, in the array's memory.
func (p *Param) nodeValue() gorgonia.Value {
	host := p.array.Host()
	switch {
	case len(p.shape) > 0:
		return host
	case host.Dtype() == Float64:
		return (*gorgonia.F64)(&host.Float64s()[0])
	}
	return (*gorgonia.F32)(&host.Float32s()[0])
}

// SetFloats sets all elements.
func (p *Param) SetFloats(x []float64) error {
	if len(x) != p.shape.Size() {
		return fmt.Errorf("graph: parameter %q has shape %v, %d elements; got %d", p.name, p.shape, p.shape.Size(), len(x))
	}
	switch d := p.array.Host().Data().(type) {
	case []float32:
		for i, v := range x {
			d[i] = float32(v)
		}
	case []float64:
		copy(d, x)
	}
	p.array.MarkHostChanged()
	return nil
}

// Params is the set of a model's parameters and states, by name. Several
// graphs over one Params (training, evaluation, encoder, other batch sizes)
// share its values. A parameter gets its initial value when a graph first asks for
// it, from the seed and its name alone, so the order of building does not matter.
type Params struct {
	run   sync.RWMutex // see Running
	mu    sync.Mutex
	dtype Dtype
	seed  uint64
	list  []*Param
	named map[string]*Param
	bytes int64 // of all parameters
	start map[string]start
}

// start is the initial value of a parameter that no graph has asked for yet.
type start struct {
	shape Shape
	x     []float64
}

// NewParams returns an empty set of Float32 or Float64 parameters, whose initial
// values are drawn from seed.
func NewParams(dtype Dtype, seed uint64) *Params {
	return &Params{dtype: dtype, seed: seed, named: map[string]*Param{}}
}

// Running is the lock that a machine holds while it runs a program: for reading if
// the program changes no parameter, for writing otherwise.
func (p *Params) Running() *sync.RWMutex { return &p.run }

// Dtype returns the element type.
func (p *Params) Dtype() Dtype { return p.dtype }

// Seed returns the seed that initial values are drawn from.
func (p *Params) Seed() uint64 { return p.seed }

// All returns weights and states in the order in which they were created.
func (p *Params) All() []*Param {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*Param(nil), p.list...)
}

// Trainable returns the weights in the order in which they were created.
func (p *Params) Trainable() []*Param {
	var out []*Param
	for _, q := range p.All() {
		if q.trainable {
			out = append(out, q)
		}
	}
	return out
}

// Get returns the parameter with that full name, or nil.
func (p *Params) Get(name string) *Param {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.named[name]
}

// Start sets the elements of the parameter with that name. If no graph has asked for
// it yet, they replace its initial value when one does. This is how saved weights
// are restored.
func (p *Params) Start(name string, shape Shape, x []float64) error {
	if err := shape.Check(); err != nil || shape.Size() != len(x) {
		return fmt.Errorf("graph: parameter %q: shape %v does not have %d elements", name, shape, len(x))
	}
	q := p.Get(name)
	if q != nil && !q.shape.Equal(shape) {
		return fmt.Errorf("graph: parameter %q has shape %v, and is to start from shape %v", name, q.shape, shape)
	}
	if q != nil {
		return q.SetFloats(x)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.start == nil {
		p.start = map[string]start{}
	}
	p.start[name] = start{shape.Clone(), slices.Clone(x)}
	return nil
}

// Waiting returns the names, sorted, of parameters whose elements Start was given
// and that no graph has asked for yet.
func (p *Params) Waiting() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.start))
}

// Sync brings the arrays of all parameters up to date with the devices that have
// newer values. Call it before reading an array that Value returned earlier, and to
// get an error that Value did not return.
func (p *Params) Sync() error {
	for _, q := range p.All() {
		if err := q.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// Count returns the number of elements of all weights.
func (p *Params) Count() int {
	n := 0
	for _, q := range p.Trainable() {
		n += q.shape.Size()
	}
	return n
}

// obtain returns the parameter with that name, and creates it if it is new.
func (p *Params) obtain(name string, shape Shape, trainable bool, init Init) (*Param, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q := p.named[name]; q != nil {
		if !q.shape.Equal(shape) {
			return nil, fmt.Errorf("parameter %q has shape %v, asked for as %v", name, q.shape, shape)
		}
		if q.trainable != trainable {
			return nil, fmt.Errorf("parameter %q is asked for as a weight and as a state", name)
		}
		return q, nil
	}
	if err := shape.Check(); err != nil {
		return nil, fmt.Errorf("parameter %q: %w", name, err)
	}
	size := int64(shape.Size()) * int64(p.dtype.Size())
	if err := fits(p.bytes+size, shape); err != nil {
		return nil, fmt.Errorf("parameter %q: %w", name, err)
	}
	p.bytes += size
	q := &Param{name: name, shape: shape.Clone(), trainable: trainable}
	stored := shape
	if len(stored) == 0 {
		stored = Shape{1}
	}
	q.array.Init(name, value.Zero(p.dtype, stored).(*tensor.Dense))
	saved, ok := p.start[name]
	switch {
	case ok && !saved.shape.Equal(shape):
		return nil, fmt.Errorf("parameter %q has shape %v, and is to start from shape %v", name, shape, saved.shape)
	case ok:
		if err := q.SetFloats(saved.x); err != nil {
			return nil, err
		}
		delete(p.start, name)
	case init != nil:
		start := make([]float64, shape.Size())
		if err := init(Draw{Seed: p.seed, Name: name}, shape, start); err != nil {
			return nil, fmt.Errorf("parameter %q: %w", name, err)
		}
		if err := q.SetFloats(start); err != nil {
			return nil, err
		}
	}
	if p.named == nil {
		p.named = map[string]*Param{}
	}
	p.list = append(p.list, q)
	p.named[name] = q
	return q, nil
}

// Param returns the node of the weight with the scoped name. It creates the weight
// from init if it is new; nil starts at zero. No shape makes it a scalar. The second
// call with a name returns the same node, which is how weights are tied.
func (b *Builder) Param(name string, init Init, shape ...int) *Node {
	return b.param(name, init, shape, true)
}

// State returns the node of the state with the scoped name. It is like Param, but
// for an array that only Update changes.
func (b *Builder) State(name string, init Init, shape ...int) *Node {
	return b.param(name, init, shape, false)
}

func (b *Builder) param(name string, init Init, shape Shape, trainable bool) *Node {
	if b.Err() != nil {
		return nil
	}
	name = join(b.scope, name)
	if b.inputs[name] != nil {
		b.Failf("parameter %q: the name is taken by an input", name)
		return nil
	}
	q, err := b.params.obtain(name, shape, trainable, init)
	if err != nil {
		b.Failf("%w", err)
		return nil
	}
	return b.Node(q)
}

// Node returns the node that reads the parameter in this graph.
func (b *Builder) Node(q *Param) *Node {
	if b.Err() != nil {
		return nil
	}
	if q == nil || q.array.Host() == nil {
		b.Failf("the parameter is nil: ask the builder's Params for it")
		return nil
	}
	n := b.readers[q.name]
	if n == nil {
		if n = b.leaf(q.name, q.shape, q.nodeValue()); n != nil {
			b.readers[q.name] = n
			b.owner[n] = q
		}
	}
	return n
}

// ParamOf returns the parameter that the node reads, or nil.
func (b *Builder) ParamOf(n *Node) *Param { return b.owner[n] }
