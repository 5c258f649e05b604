package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// step writes the nodes of one step of the function.
func (w *writer) step(s lower.Step) error {
	shape, err := fitShape(func(k int) lower.Shape { return w.nets[k].Func.Shape(s.Out[0]) })
	if err != nil {
		return err
	}
	out := s.Out[0]
	switch p := w.prims[0].(type) {
	case lower.BroadcastTo:
		w.values[out] = &array{wide: w.values[s.In[0]], shape: shape}
		return nil
	case lower.Random:
		w.values[out] = w.draw(p, shape)
		return nil
	case lower.Transpose:
		if a := w.values[s.In[0]]; a.isConstant() && len(a.elements) > 256 { // not twice in the file
			if _, err := w.fold(s); err != nil {
				return err
			}
			w.values[out].node = func() string {
				from, _ := w.name(a)
				return w.add("Transpose", []string{from}, attrInts("perm", p.Perm...))
			}
			return nil
		}
	}
	if done, err := w.fold(s); done || err != nil {
		return err
	}
	switch p := w.prims[0].(type) {
	case lower.Map:
		w.values[out], err = w.mapStep(s, shape)
		return err
	case lower.Recur:
		return w.recur(p, s)
	case lower.Slice:
		if a := w.values[s.In[0]]; a.last != "" && p.Axis == 0 && p.Start == a.lastAt && p.Stop == a.lastAt+1 {
			w.values[out] = &array{name: a.last, shape: shape}
			return nil
		}
	}
	in := make([]string, len(s.In))
	for i, v := range s.In {
		if in[i], err = w.use(v); err != nil {
			return err
		}
	}
	names, err := w.nodes(s, in, shape)
	if err != nil {
		return err
	}
	for i, name := range names {
		a := &array{name: name}
		if a.shape, err = fitShape(func(k int) lower.Shape { return w.nets[k].Func.Shape(s.Out[i]) }); err != nil {
			return err
		}
		w.values[s.Out[i]] = a
	}
	return nil
}

// each returns extents of the step's primitives.
func (w *writer) each(of func(p lower.Prim) []int) ([]extent, error) {
	var at [len(batches)][]int
	for k, p := range w.prims {
		at[k] = of(p)
	}
	return fit(at)
}

// nodes writes the nodes of a step with these operands, and returns the names of its
// results, of which the first has that shape.
func (w *writer) nodes(s lower.Step, in []string, shape []extent) ([]string, error) {
	one := func(op string, in []string, attributes ...*onnxproto.Attribute) ([]string, error) {
		return []string{w.add(op, in, attributes...)}, nil
	}
	switch p := w.prims[0].(type) {
	case lower.Reshape:
		return one("Reshape", []string{in[0], w.reshapeTo(shape)})
	case lower.Transpose:
		return one("Transpose", in, attrInts("perm", p.Perm...))
	case lower.Slice:
		bounds, err := w.each(func(p lower.Prim) []int { s := p.(lower.Slice); return []int{s.Start, s.Stop, s.Step} })
		if err != nil {
			return nil, err
		}
		return one("Slice", []string{in[0], w.vector(bounds[:1]), w.vector(bounds[1:2]), w.integers(p.Axis), w.vector(bounds[2:])})
	case lower.Flip:
		from, to, step := make([]int, len(p.Axes)), make([]int, len(p.Axes)), make([]int, len(p.Axes))
		for i := range p.Axes {
			from[i], to[i], step[i] = -1, math.MinInt64, -1
		}
		return one("Slice", []string{in[0], w.integers(from...), w.integers(to...), w.integers(p.Axes...), w.integers(step...)})
	case lower.Reduce:
		op := "ReduceSum"
		if p.Kind == lower.ReduceMax {
			op = "ReduceMax"
		}
		if len(p.Axes) == 0 {
			return in, nil
		}
		return one(op, []string{in[0], w.integers(p.Axes...)}, attrInt("keepdims", 1))
	case lower.Softmax:
		op := "Softmax"
		if p.Log {
			op = "LogSoftmax"
		}
		return one(op, in, attrInt("axis", p.Axis))
	case lower.Concat:
		return one("Concat", in, attrInt("axis", p.Axis))
	case lower.Pad:
		pads, err := w.each(func(p lower.Prim) []int {
			pad := p.(lower.Pad)
			return append(append([]int(nil), pad.Before...), pad.After...)
		})
		if err != nil {
			return nil, err
		}
		return one("Pad", []string{in[0], w.vector(pads)})
	case lower.MatMul:
		return one("MatMul", in)
	case lower.Conv, lower.ConvData, lower.Pool, lower.PoolSum, lower.PoolSpread:
		return w.window(s, in)
	case lower.Gather, lower.ScatterAdd, lower.CumSum, lower.TopK, lower.TakeAlong, lower.PutAlong:
		return w.order(in, shape)
	}
	return nil, fmt.Errorf("%v has no ONNX op: it belongs to a gradient or to bounds that are known only at run time", w.prims[0])
}

// reshapeTo returns the name of the shape that Reshape takes: at most one extent that
// depends on the batch is left for it to find out.
func (w *writer) reshapeTo(shape []extent) string {
	free := -1
	to := make([]int, len(shape))
	for i, e := range shape {
		if to[i] = e.plus; !e.isFixed() {
			if free >= 0 {
				return w.vector(shape)
			}
			free, to[i] = i, -1
		}
	}
	return w.integers(to...)
}

// order writes primitives that go along an axis in order, or take elements by number.
func (w *writer) order(in []string, shape []extent) ([]string, error) {
	whole := func(name string) string { return w.add("Cast", []string{name}, attrInt("to", onnxproto.Int64)) }
	zeros := func() string { return w.add("ConstantOfShape", []string{w.vector(shape)}) }
	switch p := w.prims[0].(type) {
	case lower.Gather:
		return []string{w.add("Gather", []string{in[0], whole(in[1])}, attrInt("axis", p.Axis))}, nil
	case lower.TakeAlong:
		return []string{w.add("GatherElements", []string{in[0], whole(in[1])}, attrInt("axis", p.Axis))}, nil
	case lower.PutAlong:
		return []string{w.add("ScatterElements", []string{zeros(), whole(in[1]), in[0]}, attrInt("axis", p.Axis), attrText("reduction", "add"))}, nil
	case lower.ScatterAdd:
		perm, to := make([]int, len(shape)), slices.Clone(shape) // the axis becomes the first
		for i := range perm {
			perm[i] = i
		}
		perm[0], perm[p.Axis] = p.Axis, 0
		to[0], to[p.Axis] = to[p.Axis], to[0]
		numbers := w.add("Unsqueeze", []string{whole(in[1]), w.integers(1)})
		rows := in[0]
		if p.Axis != 0 {
			rows = w.add("Transpose", []string{rows}, attrInts("perm", perm...))
		}
		sum := w.add("ScatterND", []string{w.add("ConstantOfShape", []string{w.vector(to)}), numbers, rows}, attrText("reduction", "add"))
		if p.Axis != 0 {
			sum = w.add("Transpose", []string{sum}, attrInts("perm", perm...))
		}
		return []string{sum}, nil
	case lower.CumSum:
		flag := func(on bool) int {
			if on {
				return 1
			}
			return 0
		}
		axis := w.scalarInt(p.Axis)
		return []string{w.add("CumSum", []string{in[0], axis}, attrInt("exclusive", flag(p.Exclusive)), attrInt("reverse", flag(p.Reverse)))}, nil
	}
	p := w.prims[0].(lower.TopK)
	k, err := w.each(func(p lower.Prim) []int { return []int{p.(lower.TopK).K} })
	if err != nil {
		return nil, err
	}
	outs := w.addAll("TopK", 2, []string{in[0], w.vector(k)}, attrInt("axis", p.Axis))
	return []string{outs[0], w.add("Cast", outs[1:], attrInt("to", onnxproto.Float))}, nil
}
