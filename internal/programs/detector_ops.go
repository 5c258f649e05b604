package programs

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math"
	"slices"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The types of operands: that of the result, and any other.
const (
	like  = hm.TypeVariable('a')
	other = hm.TypeVariable('o')
)

// boxes turns the numbers of a cell into boxes. For each anchor, the centre,
// the confidence and the classes are sigmoids, and the extent is an
// exponential.
type boxes struct {
	ownOp
	each int // numbers of an anchor
}

// boxesGradient is its gradient, from its result and the gradient of the
// result.
type boxesGradient struct {
	ownOp
	each int
}

// countSure counts, for each anchor, the boxes with a confidence above one
// half, adds the counts to its second operand, and returns its first.
type countSure struct {
	ownOp
	each int
}

func newBoxes(each int) boxes { return boxes{ownOp{"boxes", []hm.Type{like}}, each} }

func newCountSure(each int) countSure {
	return countSure{ownOp{"countSure", []hm.Type{like, other}}, each}
}

func (op boxes) Do(in ...G.Value) (G.Value, error) {
	return perAnchor(op.each, in[:1], func(k int, x []float64) float64 {
		if isExtent(k) {
			return math.Exp(x[0])
		}
		return 1 / (1 + math.Exp(-x[0]))
	})
}

func (op boxes) DiffWRT(int) []bool { return []bool{true} }

func (op boxes) SymDiff(_ G.Nodes, output, grad *G.Node) (G.Nodes, error) {
	d, err := G.ApplyOp(boxesGradient{ownOp{"boxesGradient", []hm.Type{like, like}}, op.each}, output, grad)
	return G.Nodes{d}, err
}

func (op boxesGradient) Do(in ...G.Value) (G.Value, error) {
	return perAnchor(op.each, in, func(k int, x []float64) float64 {
		if isExtent(k) {
			return x[0] * x[1]
		}
		return x[0] * (1 - x[0]) * x[1]
	})
}

func (op countSure) Do(in ...G.Value) (G.Value, error) {
	counts := in[1].(*tensor.Dense)
	each := counts.Shape()[0] * op.each // numbers of a cell
	cells := in[0].Shape()[2] * in[0].Shape()[3]
	x, err := numbers(in[0])
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		if k := i / cells % each; k%op.each == 4 && v > 0.5 {
			increase(counts, k/op.each)
		}
	}
	return G.CloneValue(in[0])
}

func (countSure) DiffWRT(int) []bool { return []bool{true, false} }

func (countSure) SymDiff(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) { return G.Nodes{grad, nil}, nil }

func isExtent(k int) bool { return k == 2 || k == 3 }

// increase adds 1 to an element.
func increase(t *tensor.Dense, i int) {
	switch x := t.Data().(type) {
	case []float32:
		x[i]++
	case []float64:
		x[i]++
	}
}

// perAnchor computes each element of images from the operands' elements and its index
// among the numbers of an anchor.
func perAnchor(each int, in []G.Value, f func(k int, x []float64) float64) (G.Value, error) {
	var operands [][]float64
	for _, v := range in {
		x, err := numbers(v)
		if err != nil {
			return nil, err
		}
		operands = append(operands, x)
	}
	shape := in[0].Shape()
	cells := shape[2] * shape[3]
	y, at := make([]float64, shape.TotalSize()), make([]float64, len(in))
	for i := range y {
		for j, x := range operands {
			at[j] = x[i]
		}
		y[i] = f(i/cells%each, at)
	}
	return dense(in[0].Dtype(), y, shape...), nil
}

// ownOp is what the ops have in common: a result like the first operand.
type ownOp struct {
	name     string
	operands []hm.Type
}

func (o ownOp) Arity() int            { return len(o.operands) }
func (ownOp) ReturnsPtr() bool        { return false }
func (ownOp) CallsExtern() bool       { return false }
func (ownOp) OverwritesInput() int    { return -1 }
func (o ownOp) String() string        { return o.name }
func (o ownOp) WriteHash(h hash.Hash) { fmt.Fprint(h, o.name) }

func (o ownOp) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o ownOp) Type() hm.Type { return hm.NewFnType(append(slices.Clone(o.operands), like)...) }

func (ownOp) InferShape(in ...G.DimSizer) (tensor.Shape, error) {
	return in[0].(tensor.Shape).Clone(), nil
}
