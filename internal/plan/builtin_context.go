package plan

import (
	"fmt"
	"reflect"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// opContext is a node whose op is being recognised: the op's fields, the operands'
// shapes, and the Func under construction.
type opContext struct {
	node     *gorgonia.Node
	operands []*gorgonia.Node
	kind     string        // the name of the op's type
	fields   reflect.Value // the op's struct
	in       []lower.Shape // the operands' shapes; shared: do not change
	out      lower.Shape   // the node's shape; shared: do not change
	facts    *facts
	dtype    tensor.Dtype
	f        *lower.Func
	next     []lower.Value // the next values of the states
	size     float64       // the value, if a sizeOp
	machineSettings
	m   *Lowering
	err error // the first missing field
}

// KindOf returns the name of the type of one of Gorgonia's ops; "" for any other.
func KindOf(op gorgonia.Op) string {
	if op == nil {
		return ""
	}
	t := reflect.TypeOf(op)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() != "gorgonia.org/gorgonia" {
		return ""
	}
	return t.Name()
}

// newOpContext reads the shapes and types of a node with an op of that kind. If they
// cannot be lowered, m.Host says why.
func newOpContext(n *gorgonia.Node, kind string, operands []*gorgonia.Node) *opContext {
	return new(facts).context(n, kind, operands)
}

// fieldsOf returns a context that has only the op's fields.
func fieldsOf(n *gorgonia.Node, kind string) opContext {
	return opContext{kind: kind, fields: reflect.Indirect(reflect.ValueOf(n.Op()))}
}

// context is newOpContext with cached facts.
func (k *facts) context(n *gorgonia.Node, kind string, operands []*gorgonia.Node) *opContext {
	of := k.at(n)
	s := &opContext{
		node: n, operands: operands, kind: kind,
		fields: reflect.Indirect(reflect.ValueOf(n.Op())),
		in:     make([]lower.Shape, len(operands)),
		out:    of.shape,
		dtype:  of.dtype,
		facts:  k,
		m:      &Lowering{},
	}
	if compared, ok := k.compares(n, operands); ok {
		s.dtype = compared
	} else if !of.floats {
		s.host(fmt.Sprintf("its elements are %v, and only floats can be lowered", n.Type()))
	}
	if of.wrong != "" {
		s.host(of.wrong)
	}
	for i, x := range operands {
		in := k.at(x)
		if !in.floats || in.dtype != s.dtype {
			s.host(fmt.Sprintf("operand %d is %v, the result is %v: only one type of floats can be lowered", i, x.Type(), n.Type()))
		}
		if in.wrong != "" {
			s.host(fmt.Sprintf("operand %d: %s", i, in.wrong))
		}
		s.in[i] = in.shape
	}
	return s
}

// wrongShape says what is wrong with a node's shape, "" if nothing.
func wrongShape(n *gorgonia.Node, shape lower.Shape) string {
	if !n.IsScalar() && len(shape) == 0 {
		return "its type has axes, but its shape is unknown"
	}
	if err := shape.Check(); err != nil {
		return err.Error()
	}
	return ""
}

// shapeOf returns a node's shape. Gorgonia copies it.
func shapeOf(n *gorgonia.Node) lower.Shape { return lower.Shape(n.Shape()) }

// dtypeOf returns the type of the elements. ok is false unless they are floats.
func dtypeOf(t hm.Type) (tensor.Dtype, bool) {
	switch t := t.(type) {
	case tensor.Dtype:
		return t, t == tensor.Float32 || t == tensor.Float64
	case gorgonia.TensorType:
		return dtypeOf(t.Of)
	case *gorgonia.TensorType:
		return dtypeOf(t.Of)
	}
	return tensor.Dtype{}, false
}

// start starts a new Func with inputs for the operands and these states. It returns
// the states' inputs.
func (s *opContext) start(states ...OpState) []lower.Value {
	shapes := append([]lower.Shape(nil), s.in...)
	var in []lower.Value
	for _, st := range states {
		in = append(in, lower.Value(len(shapes)))
		shapes = append(shapes, st.shape())
	}
	s.m.State = states
	s.f = lower.NewFunc(shapes...)
	return in
}

// host gives up on lowering: the node runs by its own Do.
func (s *opContext) host(why string) lower.Value {
	s.m.Host = why
	return 0
}

// hasOperands gives up unless there are n operands.
func (s *opContext) hasOperands(n int) bool {
	if len(s.in) != n {
		s.host(fmt.Sprintf("it has %d operands, want %d", len(s.in), n))
		return false
	}
	return true
}

// isImages gives up unless operand i has rank 4.
func (s *opContext) isImages(i int) bool {
	if len(s.in) <= i || len(s.in[i]) != 4 {
		s.host(fmt.Sprintf("operand %d is not of shape [N,C,H,W]", i))
		return false
	}
	return true
}

// field returns a field of the op, or of a struct embedded in it.
func (s *opContext) field(name string, kinds ...reflect.Kind) (reflect.Value, bool) {
	v := s.fields.FieldByName(name)
	if v.IsValid() {
		for _, k := range kinds {
			if v.Kind() == k {
				return v, true
			}
		}
	}
	if s.err == nil {
		s.err = fmt.Errorf("plan: Gorgonia's %s has no field %q as in version 0.9.18: use that version", s.kind, name)
	}
	return v, false
}

func (s *opContext) int(name string) int {
	if v, ok := s.field(name, reflect.Int); ok {
		return int(v.Int())
	}
	return 1
}

func (s *opContext) ints(name string) []int {
	v, ok := s.field(name, reflect.Slice)
	if !ok {
		return nil
	}
	out := make([]int, v.Len())
	for i := range out {
		out[i] = int(v.Index(i).Int())
	}
	return out
}

func (s *opContext) bool(name string) bool {
	v, ok := s.field(name, reflect.Bool)
	return ok && v.Bool()
}

func (s *opContext) float(name string) float64 {
	if v, ok := s.field(name, reflect.Float64); ok {
		return v.Float()
	}
	return 0
}

func (s *opContext) code(name string) int {
	if v, ok := s.field(name, reflect.Uint8); ok {
		return int(v.Uint())
	}
	return 0
}

// trains reports whether the op trains, and returns its Lowering's Stale.
func (s *opContext) trains() (on bool, stale func() bool) {
	v, ok := s.field(flags[s.kind], reflect.Bool)
	if !ok {
		return false, nil
	}
	modes := s.modes
	on = modes.trains(v)
	return on, func() bool { return modes.trains(v) != on }
}

// scalar returns one of Gorgonia's scalars of the node's type.
func (s *opContext) scalar(x float64) gorgonia.Value {
	if s.dtype == tensor.Float32 {
		return gorgonia.NewF32(float32(x))
	}
	return gorgonia.NewF64(x)
}
