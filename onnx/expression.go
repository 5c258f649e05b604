package onnx

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// sameOps are the functions that ONNX has an op for.
var sameOps = map[lower.Fn]string{
	lower.FnAdd: "Add", lower.FnSub: "Sub", lower.FnMul: "Mul", lower.FnDiv: "Div",
	lower.FnMin: "Min", lower.FnMax: "Max", lower.FnNeg: "Neg", lower.FnAbs: "Abs",
	lower.FnSqrt: "Sqrt", lower.FnExp: "Exp", lower.FnLog: "Log", lower.FnTanh: "Tanh",
	lower.FnSigmoid: "Sigmoid", lower.FnSoftplus: "Softplus", lower.FnErf: "Erf",
	lower.FnSin: "Sin", lower.FnCos: "Cos", lower.FnFloor: "Floor", lower.FnPow: "Pow",
}

// expression writes one elementwise expression; each part once.
type expression struct {
	*writer
	args  func(i int) (string, error)
	names map[lower.Expr]string
}

// name returns the name of the value of a part.
func (x *expression) name(e lower.Expr) (string, error) {
	if name := x.names[e]; name != "" {
		return name, nil
	}
	name, err := x.part(e)
	x.names[e] = name
	return name, err
}

func (x *expression) all(es ...lower.Expr) ([]string, error) {
	out := make([]string, len(es))
	for i, e := range es {
		var err error
		if out[i], err = x.name(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x *expression) part(e lower.Expr) (string, error) {
	switch e.Fn() {
	case lower.FnArg:
		return x.args(e.Index())
	case lower.FnNum:
		return x.number(e.Value()), nil
	case lower.FnLess:
		truth, err := x.truth(e)
		return x.add("Cast", []string{truth}, attrInt("to", onnxproto.Float)), err
	case lower.FnWhere:
		operands := e.Operands()
		truth, err := x.truth(operands[0])
		if err != nil {
			return "", err
		}
		in, err := x.all(operands[1:]...)
		if err != nil {
			return "", err
		}
		return x.add("Where", append([]string{truth}, in...)), nil
	}
	in, err := x.all(e.Operands()...)
	if err != nil {
		return "", err
	}
	switch e.Fn() {
	case lower.FnMax:
		if zero := e.Operands()[1]; zero.Fn() == lower.FnNum && zero.Value() == 0 {
			return x.add("Relu", in[:1]), nil
		}
	case lower.FnExpm1: // tanh(x/2) (e^x + 1), which is precise near 0
		half := x.add("Tanh", []string{x.add("Mul", []string{in[0], x.number(0.5)})})
		return x.add("Mul", []string{half, x.add("Add", []string{x.add("Exp", in), x.number(1)})}), nil
	case lower.FnLog1p: // log(u) x/(u-1) with u = 1+x as it is rounded, which is precise near 0
		u := x.add("Add", []string{in[0], x.number(1)})
		ratio := x.add("Div", []string{in[0], x.add("Sub", []string{u, x.number(1)})})
		far := x.add("Mul", []string{x.add("Log", []string{u}), ratio})
		return x.add("Where", []string{x.add("Equal", []string{u, x.number(1)}), in[0], far}), nil
	}
	op, ok := sameOps[e.Fn()]
	if !ok {
		return "", fmt.Errorf("the function %v has no ONNX op", e.Fn())
	}
	return x.add(op, in), nil
}

// truth returns the name of a part as truth values.
func (x *expression) truth(e lower.Expr) (string, error) {
	if e.Fn() == lower.FnLess {
		in, err := x.all(e.Operands()...)
		return x.add("Less", in), err
	}
	from, err := x.name(e)
	return x.add("Cast", []string{from}, attrInt("to", onnxproto.Bool)), err
}

// mapStep writes an elementwise step. Operands that are broadcast are read as they are:
// ONNX broadcasts by itself.
func (w *writer) mapStep(s lower.Step, shape []extent) (*array, error) {
	e := w.prims[0].(lower.Map).Expr
	for k, p := range w.prims[1:] {
		if other := p.(lower.Map).Expr; other.String() != e.String() {
			return nil, fmt.Errorf("an expression depends on the number of samples: it is %v for %d and %v for %d", e, batches[0], other, batches[k+1])
		}
	}
	e = e.Fold()
	var shapes [][]extent
	for i, v := range s.In {
		if e.Reads(i) {
			shapes = append(shapes, w.values[v].inner().shape)
		}
	}
	narrow, err := broadcast(shapes...)
	if err != nil {
		return nil, err
	}
	x := &expression{w, func(i int) (string, error) { return w.name(w.values[s.In[i]].inner()) }, map[lower.Expr]string{}}
	name, err := x.name(e)
	if err != nil {
		return nil, err
	}
	a := &array{name: name, shape: narrow}
	if fmt.Sprint(narrow) == fmt.Sprint(shape) {
		return a, nil
	}
	return &array{wide: a, shape: shape}, nil
}
