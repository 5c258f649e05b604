package forward

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// scaling is a scaler in primitives.
type scaling struct {
	data.ScalerFormula
	// high, low and width are the sources of the centers' two float32 parts and of the
	// widths. A difference from a large center in float32 would lose what is left of it,
	// so the large part is taken off first.
	high, low, width int
}

// scalings adds the sources that scalers need.
func (w *writer) scalings(o Options) (before, undo map[*graph.Node]*scaling, err error) {
	before, undo = map[*graph.Node]*scaling{}, map[*graph.Node]*scaling{}
	for _, name := range slices.Sorted(maps.Keys(o.Before)) {
		in, ok := w.p.Input(name)
		if _, read := w.sources[in.Node]; !ok || !read {
			continue
		}
		if before[in.Node], err = w.scaling(name, o.Before[name], in.Shape); err != nil {
			return nil, nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Undo)) {
		out, ok := w.p.Output(name)
		if !ok {
			continue
		}
		s, err := w.scaling(name, o.Undo[name], out.Shape)
		if err != nil {
			return nil, nil, err
		}
		if s.Center == nil {
			return nil, nil, fmt.Errorf("output %q: the scaler takes each sample's own numbers (%s), and cannot be undone", name, s.Kind)
		}
		undo[out.Node] = s
	}
	return before, undo, nil
}

func (w *writer) scaling(name string, of *data.Scaler, shape lower.Shape) (*scaling, error) {
	f, err := of.Formula()
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	if len(shape) == 0 || shape[1:].Size() != f.Size {
		return nil, fmt.Errorf("%q: the scaler is of samples of %d values, the net's array is %v", name, f.Size, shape)
	}
	s := &scaling{ScalerFormula: f}
	if s.Center == nil {
		return s, nil
	}
	high, low := make([]float64, f.Parts), make([]float64, f.Parts)
	for i, c := range f.Center {
		high[i] = float64(float32(c))
		low[i] = c - high[i]
	}
	s.high, s.low, s.width = w.constant(name+"/center", high), w.constant(name+"/center_rest", low), w.constant(name+"/width", f.Width)
	return s, nil
}

// constant adds a source [1, parts, 1].
func (w *writer) constant(name string, x []float64) int {
	w.net.Sources = append(w.net.Sources, Source{Kind: Constant, Name: name, Shape: lower.Shape{1, len(x), 1}, Elements: x})
	return len(w.net.Sources) - 1
}

// transform scales x.
func (s *scaling) transform(f *lower.Func, x lower.Value) lower.Value {
	shape := f.Shape(x)
	y := f.Reshape(x, shape[0], s.Parts, s.Size/s.Parts)
	a0, a1 := lower.Arg(0), lower.Arg(1)
	if s.Log {
		y = f.Map(lower.Log1p(a0), y)
	}
	if s.Center != nil {
		e := a0.Sub(a1).Sub(lower.Arg(2)).Div(lower.Arg(3)).Add(lower.Num(s.Min))
		return f.Reshape(f.Map(e, y, f.In(s.high), f.In(s.low), f.In(s.width)), shape...)
	}
	orOne := func(width lower.Expr) lower.Expr { return lower.Where(width, width, lower.Num(1)) }
	if s.Kind == data.SampleMinMax {
		least := f.Map(a0.Neg(), f.Max(f.Map(a0.Neg(), y), 2))
		width := f.Map(orOne(a0.Sub(a1).Div(lower.Num(s.Max-s.Min))), f.Max(y, 2), least)
		y = f.Map(a0.Sub(a1).Div(lower.Arg(2)).Add(lower.Num(s.Min)), y, least, width)
		return f.Reshape(y, shape...)
	}
	n := lower.Num(float64(s.Size / s.Parts))
	y = f.Map(a0.Sub(a1), y, f.Map(a0.Div(n), f.Sum(y, 2)))
	width := f.Map(orOne(lower.Sqrt(a0.Div(n))), f.Sum(f.Map(a0.Square(), y), 2))
	return f.Reshape(f.Map(a0.Div(a1), y, width), shape...)
}

// undo is the inverse of transform.
func (s *scaling) undo(f *lower.Func, y lower.Value) lower.Value {
	shape := f.Shape(y)
	x := f.Reshape(y, shape[0], s.Parts, s.Size/s.Parts)
	e := lower.Arg(0).Sub(lower.Num(s.Min)).Mul(lower.Arg(3)).Add(lower.Arg(2)).Add(lower.Arg(1))
	if s.Log {
		e = lower.Expm1(e)
	}
	return f.Reshape(f.Map(e, x, f.In(s.high), f.In(s.low), f.In(s.width)), shape...)
}
