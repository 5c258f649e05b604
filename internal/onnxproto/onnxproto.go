// Package onnxproto has the messages of ONNX that nets need, and reads and writes them in
// protobuf's wire format. Names and field numbers are those of onnx.proto. It is written
// by hand, and not generated, because generated messages register themselves under their
// names in the whole program, where those of another ONNX package would collide.
package onnxproto

import "google.golang.org/protobuf/encoding/protowire"

// Model is a ModelProto: a file.
type Model struct {
	IRVersion       int64
	ProducerName    string
	ProducerVersion string
	Doc             string
	Graph           *Graph
	Opsets          []*Opset
	Metadata        []*Entry
	Functions       [][]byte // FunctionProto, not decoded
}

// Opset is an OperatorSetIdProto. The domain of ONNX's own ops is "".
type Opset struct {
	Domain  string
	Version int64
}

// Entry is a StringStringEntryProto.
type Entry struct{ Key, Value string }

// Graph is a GraphProto.
type Graph struct {
	Name         string
	Doc          string
	Nodes        []*Node
	Initializers []*Tensor
	Inputs       []*Value
	Outputs      []*Value
	Sparse       [][]byte // SparseTensorProto, not decoded
}

// Node is a NodeProto: an op. An empty name among Inputs is an operand that is left out.
type Node struct {
	Name, Op, Domain, Doc string
	Inputs, Outputs       []string
	Attributes            []*Attribute
}

// The types of attributes.
const (
	AttrFloat  = 1
	AttrInt    = 2
	AttrString = 3
	AttrTensor = 4
	AttrGraph  = 5
	AttrFloats = 6
	AttrInts   = 7
	AttrNames  = 8
)

// Attribute is an AttributeProto.
type Attribute struct {
	Name   string
	Type   int64
	F      float32
	I      int64
	S      string
	T      *Tensor
	Floats []float32
	Ints   []int64
	Names  []string
	Graphs [][]byte // of control flow; not decoded
}

// The element types.
const (
	Float    = 1
	Uint8    = 2
	Int8     = 3
	Uint16   = 4
	Int16    = 5
	Int32    = 6
	Int64    = 7
	String   = 8
	Bool     = 9
	Float16  = 10
	Double   = 11
	Uint32   = 12
	Uint64   = 13
	Bfloat16 = 16
)

// Tensor is a TensorProto. Its elements are in Raw or in one of the lists.
type Tensor struct {
	Name     string
	Dims     []int64
	Type     int64
	Raw      []byte
	Floats   []float32
	Ints32   []int64
	Ints64   []int64
	Doubles  []float64
	Uints64  []int64
	Location int64    // 1: in another file, which External names
	External []*Entry // "location", "offset", "length"
}

// Value is a ValueInfoProto: an input or an output.
type Value struct {
	Name string
	Doc  string
	Type *Type
}

// Type is a TypeProto.
type Type struct{ Tensor *TensorType }

// TensorType is the type of a tensor. No shape means that it is unknown.
type TensorType struct {
	Elem  int64
	Shape *Shape
}

// Shape is a TensorShapeProto.
type Shape struct{ Dims []*Dim }

// Dim is an extent: a number, or a name for one that is known only at run time.
type Dim struct {
	Value int64
	Param string
}

func (m *Model) fields() []field {
	return []field{
		integer(1, &m.IRVersion), text(2, &m.ProducerName), text(3, &m.ProducerVersion), text(6, &m.Doc),
		message(7, &m.Graph), messages(8, &m.Opsets), messages(14, &m.Metadata), raws(25, &m.Functions),
	}
}

func (m *Opset) fields() []field { return []field{text(1, &m.Domain), integer(2, &m.Version)} }
func (m *Entry) fields() []field { return []field{text(1, &m.Key), text(2, &m.Value)} }

func (m *Graph) fields() []field {
	return []field{
		messages(1, &m.Nodes), text(2, &m.Name), messages(5, &m.Initializers), text(10, &m.Doc),
		messages(11, &m.Inputs), messages(12, &m.Outputs), raws(15, &m.Sparse),
	}
}

func (m *Node) fields() []field {
	return []field{
		texts(1, &m.Inputs), texts(2, &m.Outputs), text(3, &m.Name), text(4, &m.Op),
		messages(5, &m.Attributes), text(6, &m.Doc), text(7, &m.Domain),
	}
}

func (m *Attribute) fields() []field {
	return []field{
		text(1, &m.Name), m.given(AttrFloat, single(2, &m.F), protowire.Fixed32Type), m.given(AttrInt, integer(3, &m.I), protowire.VarintType), text(4, &m.S), message(5, &m.T), raws(6, &m.Graphs),
		singles(7, &m.Floats), integers(8, &m.Ints), texts(9, &m.Names), raws(11, &m.Graphs), integer(20, &m.Type),
	}
}

// given writes the value of an attribute of that type even if it is 0: a reader wants one.
func (m *Attribute) given(of int64, f field, t protowire.Type) field {
	write := f.write
	f.write = func(b []byte) []byte {
		n := len(b)
		if b = write(b); m.Type != of || len(b) > n {
			return b
		}
		if b = protowire.AppendTag(b, f.number, t); t == protowire.Fixed32Type {
			return protowire.AppendFixed32(b, 0)
		}
		return protowire.AppendVarint(b, 0)
	}
	return f
}

func (m *Tensor) fields() []field {
	return []field{
		integers(1, &m.Dims), integer(2, &m.Type), singles(4, &m.Floats), integers(5, &m.Ints32),
		integers(7, &m.Ints64), text(8, &m.Name), raw(9, &m.Raw), doubles(10, &m.Doubles),
		integers(11, &m.Uints64), messages(13, &m.External), integer(14, &m.Location),
	}
}

func (m *Value) fields() []field {
	return []field{text(1, &m.Name), message(2, &m.Type), text(3, &m.Doc)}
}
func (m *Type) fields() []field       { return []field{message(1, &m.Tensor)} }
func (m *TensorType) fields() []field { return []field{integer(1, &m.Elem), message(2, &m.Shape)} }
func (m *Shape) fields() []field      { return []field{messages(1, &m.Dims)} }
func (m *Dim) fields() []field        { return []field{integer(1, &m.Value), text(2, &m.Param)} }
