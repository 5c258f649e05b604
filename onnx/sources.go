package onnx

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// source makes the array of an input of the function.
func (w *writer) source(i int) error {
	s := w.nets[0].Sources[i]
	shape, err := fitShape(func(k int) lower.Shape { return w.nets[k].Sources[i].Shape })
	if err != nil {
		return fmt.Errorf("%q: %w", s.Name, err)
	}
	a := &array{shape: shape, base: s.Name}
	w.values[i] = a
	switch s.Kind {
	case forward.Given:
		a.name = s.Name
		if len(shape) > 0 && shape[0] == (extent{1, 0}) && w.rows == "" {
			w.rows = s.Name
		}
		w.graph.Inputs = append(w.graph.Inputs, valueInfo(s.Name, shape, ""))
	case forward.Clock:
		a.missing = fmt.Errorf("it reads the clock of random numbers")
	case forward.Weight, forward.State:
		if !allFixed(shape) {
			return fmt.Errorf("parameter %q has shape %v: it depends on the number of samples", s.Name, shape)
		}
		a.elements, a.trained = s.Elements, s.Kind == forward.Weight
	default:
		if allFixed(shape) && w.sameEverywhere(i) {
			a.elements = s.Elements
			return nil
		}
		w.batchConstant(a, i)
	}
	return nil
}

func (w *writer) sameEverywhere(i int) bool {
	for _, n := range w.nets[1:] {
		if !slices.Equal(n.Sources[i].Elements, w.nets[0].Sources[i].Elements) {
			return false
		}
	}
	return true
}

// batchConstant describes a constant whose shape depends on the batch: the same for each
// sample, or numbers in equal steps.
func (w *writer) batchConstant(a *array, i int) {
	first := w.nets[0].Sources[i].Elements
	if len(a.shape) > 0 && a.shape[0] == (extent{1, 0}) && allFixed(a.shape[1:]) {
		row := first[:len(first)/batches[0]]
		same := true
		for _, n := range w.nets {
			x := n.Sources[i].Elements
			for at := 0; at < len(x); at += len(row) {
				same = same && slices.Equal(x[at:at+len(row)], row)
			}
		}
		if same {
			a.wide = &array{shape: slices.Concat([]extent{fixed(1)}, a.shape[1:]), elements: row, base: a.base}
			return
		}
	}
	if len(a.shape) == 1 && w.inSteps(i) {
		start, by := first[0], first[1]-first[0]
		a.node = func() string {
			n := w.add("Squeeze", []string{w.extentName(a.shape[0]), w.integers(0)})
			x := w.add("Cast", []string{w.add("Range", []string{w.scalarInt(0), n, w.scalarInt(1)})}, attrInt("to", onnxproto.Float))
			if by != 1 {
				x = w.add("Mul", []string{x, w.number(by)})
			}
			if start != 0 {
				x = w.add("Add", []string{x, w.number(start)})
			}
			return x
		}
		return
	}
	a.missing = fmt.Errorf("constant %q %v depends on the number of samples", a.base, a.shape)
}

// scalarInt returns the name of an integer.
func (w *writer) scalarInt(v int) string {
	return w.add("Squeeze", []string{w.integers(v), w.integers(0)})
}

// inSteps reports whether the elements of a source rise in equal steps, the same for all
// batches.
func (w *writer) inSteps(i int) bool {
	first := w.nets[0].Sources[i].Elements
	if len(first) < 2 {
		return false
	}
	for _, n := range w.nets {
		for k, v := range n.Sources[i].Elements {
			if v != first[0]+float64(k)*(first[1]-first[0]) {
				return false
			}
		}
	}
	return true
}

// draw makes an input of the graph of a random array.
func (w *writer) draw(p lower.Random, shape []extent) *array {
	doc := "draw normal numbers of mean 0 and variance 1"
	if p.Kind == lower.RandomUniform {
		doc = "draw numbers uniform in [0,1)"
	}
	base := p.Kind.String()
	if w.place.Layer != "" {
		base = w.place.Layer + "/" + base
	}
	name := w.unique(base)
	w.graph.Inputs = append(w.graph.Inputs, valueInfo(name, shape, doc))
	return &array{name: name, shape: shape}
}
