package compiled

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// The value of a node by its definition in float64, and how much a float32 may differ
// from it.

// operands returns the arrays that the node's function reads, in float64.
func operands(d plan.Definition, values map[*graph.Node]gorgonia.Value, runs uint32) ([]graph.Array, error) {
	var in []graph.Array
	add := func(v gorgonia.Value) error {
		x, err := value.Floats(v)
		if err != nil {
			return err
		}
		shape := d.Func.Shape(lower.Value(len(in)))
		if len(x) != shape.Size() {
			return fmt.Errorf("operand %d has %d elements, want %v", len(in), len(x), shape)
		}
		in = append(in, lower.ArrayOf(x, shape))
		return nil
	}
	for _, x := range d.From {
		if err := add(values[x]); err != nil {
			return nil, err
		}
	}
	for _, s := range d.State {
		v := s.Value
		words, made, err := s.Words(runs)
		if err != nil {
			return nil, err
		}
		if made {
			v = value.New(words[:], graph.Shape{4})
		}
		if s.Indices != nil {
			rows := make([]float64, d.Func.Shape(lower.Value(len(in))).Size())
			if err := plan.ReadIndices(s.Indices, rows); err != nil {
				return nil, err
			}
			v = value.New(rows, graph.Shape{len(rows)})
		}
		if err := add(v); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// expect computes a node in float64, and the rounding error that float32 may have: the
// larger of the interpreter's in float32, and of the effect of changing each element
// of the operands by one unit in the last place.
func expect(d plan.Definition, in []graph.Array) (want []float64, noise float64, err error) {
	wide, err := interp.Run(d.Func, in...)
	if err != nil {
		return nil, 0, err
	}
	want = wide[0].Elements()
	narrow := narrowed(in)
	plain, err := interp.Run(d.Func, narrow...)
	if err != nil {
		return nil, 0, err
	}
	noise = maxAbsDifference(want, plain[0].Elements())
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 0))
		moved := make([]graph.Array, len(in))
		for i, x := range in {
			moved[i] = lower.NewArray[float64](x.Shape)
			for k, v := range x.Data {
				moved[i].Data[k] = v * (1 + float64(2*r.IntN(2)-1)*0x1p-23)
			}
		}
		near, err := interp.Run(d.Func, moved...)
		if err != nil {
			break // a changed counter is not a whole number
		}
		noise = max(noise, maxAbsDifference(want, near[0].Elements()))
	}
	if _, own := d.Node.Op().(graph.Lowerer); own {
		want, err = byDo(d.Node, narrow, in)
		return want, noise, err
	}
	if a, ours := op.At(d.Node); ours && !slices.ContainsFunc(graph.Ops(), func(o graph.Info) bool { return o.Name == a.Name() }) {
		want = nil
		for _, out := range a.Define(in) {
			want = append(want, out.Elements()...)
		}
	}
	return want, noise, nil
}

// byDo computes a node by its own Do, in the node's type.
func byDo(n *graph.Node, narrow []lower.Array[float32], wide []graph.Array) (want []float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Do panicked: %v", r)
		}
	}()
	values := make([]gorgonia.Value, len(wide))
	for i := range values {
		if n.Dtype() == graph.Float64 {
			values[i] = value.New(slices.Clone(wide[i].Elements()), wide[i].Shape)
		} else {
			values[i] = value.New(narrow[i].Elements(), narrow[i].Shape)
		}
	}
	v, err := n.Op().Do(values...)
	if err != nil {
		return nil, err
	}
	return value.Floats(v)
}

// maxAbsDifference returns the largest finite |got[i] - want[i]|.
func maxAbsDifference[T lower.Float](want []float64, got []T) (most float64) {
	for i, v := range got {
		if off := math.Abs(float64(v) - want[i]); off < math.Inf(1) {
			most = max(most, off)
		}
	}
	return most
}

// differs returns the first index where got and want differ by more than near times
// the largest finite magnitude in want, plus noise; -1 if there is none.
func differs(got, want []float64, near, noise float64) (at int, tolerance float64) {
	largest := 0.0
	for _, v := range want {
		if a := math.Abs(v); a < math.Inf(1) {
			largest = max(largest, a)
		}
	}
	tolerance = near*largest + noise
	for i, w := range want {
		if w == got[i] || math.IsNaN(w) && math.IsNaN(got[i]) {
			continue
		}
		if !(math.Abs(w-got[i]) <= tolerance) {
			return i, tolerance
		}
	}
	return -1, tolerance
}
