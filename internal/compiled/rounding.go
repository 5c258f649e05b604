package compiled

import (
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// The rounding error of values in a graph. A value that is mathematically zero, such as
// the gradient of a bias that a softmax cancels, consists only of the rounding errors
// of its summands. So its own magnitude does not tell how large its error may be.

// firstDifference returns the first index where a node's value differs by more than near
// times the largest magnitude in want, plus noise, plus 8 times the rounding error of
// the whole graph; -1 if there is none. The rounding error is computed only if it
// decides, because that takes as long as the rest of the verification.
func (e *nodeByNode) firstDifference(n *graph.Node, got, want []float64, near, noise float64) (at int, tolerance float64, err error) {
	at, tolerance = differs(got, want, near, noise)
	if at < 0 {
		return at, tolerance, nil
	}
	if e.roundingError == nil {
		if e.roundingError, err = e.roundingErrors(); err != nil {
			return at, tolerance, err
		}
	}
	at, tolerance = differs(got, want, near, noise+8*e.roundingError[n])
	return at, tolerance, nil
}

// roundingErrors returns for each node the rounding error of the graph's type that adds
// up from the inputs on. It compares the nodes in float64 with the nodes in float32,
// and in float32 with each element changed at random by one unit in the last place.
func (e *nodeByNode) roundingErrors() (map[*graph.Node]float64, error) {
	exact, err := e.chain(nil)
	if err != nil {
		return nil, err
	}
	scale := 1.0
	if e.plan.Dtype == graph.Float64 {
		scale = 0x1p-29
	}
	out := map[*graph.Node]float64{}
	for seed := range uint64(3) {
		rounded, err := e.chain(func(x []float64) {
			if seed == 0 {
				return
			}
			r := rand.New(rand.NewPCG(seed, uint64(len(x))))
			for i := range x {
				x[i] *= 1 + float64(2*r.IntN(2)-1)*0x1p-23
			}
		})
		if err != nil {
			return nil, err
		}
		for n, want := range exact {
			out[n] = max(out[n], scale*maxAbsDifference(want, rounded[n]))
		}
	}
	return out, nil
}

// chain computes every node from the inputs by its definition: in float64 if round is
// nil, else in float32, and then round changes the elements of each node. A node
// without a definition has the value that the machine computed.
func (e *nodeByNode) chain(round func([]float64)) (map[*graph.Node][]float64, error) {
	values, out := map[*graph.Node]gorgonia.Value{}, map[*graph.Node][]float64{}
	for _, d := range e.nodes {
		values[d.Node] = e.alone[d.Node]
		if d.Func == nil {
			continue
		}
		in, err := operands(d, values, e.runs)
		if err != nil {
			return nil, err
		}
		x, err := compute(d.Func, in, round != nil)
		if err != nil {
			continue // a changed counter is not a whole number
		}
		if round != nil {
			round(x)
		}
		out[d.Node] = x
		values[d.Node] = value.New(x, d.Func.Shape(d.Func.Results()[0]))
	}
	return out, nil
}

// compute runs a function with one result in float64 or, with narrow, in float32.
func compute(f *lower.Func, in []graph.Array, narrow bool) ([]float64, error) {
	if !narrow {
		y, err := interp.Run(f, in...)
		if err != nil {
			return nil, err
		}
		return y[0].Elements(), nil
	}
	y, err := interp.Run(f, narrowed(in)...)
	if err != nil {
		return nil, err
	}
	x := y[0].Elements()
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out, nil
}

// narrowed returns the arrays in float32.
func narrowed(in []graph.Array) []lower.Array[float32] {
	out := make([]lower.Array[float32], len(in))
	for i, x := range in {
		out[i] = lower.NewArray[float32](x.Shape)
		for k, v := range x.Data {
			out[i].Data[k] = float32(v)
		}
	}
	return out
}
