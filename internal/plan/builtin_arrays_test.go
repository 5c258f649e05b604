package plan

import (
	"math"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// run runs a function in the program's type.
func (p *program) run(f *lower.Func, in []lower.Array[float64]) []lower.Array[float64] {
	if p.dtype == tensor.Float64 {
		out, err := interp.Run(f, in...)
		require.NoError(p.t, err, f)
		return out
	}
	var few []lower.Array[float32]
	for _, x := range in {
		v := make([]float32, len(x.Data))
		for i, e := range x.Data {
			v[i] = float32(e)
		}
		few = append(few, lower.ArrayOf(v, x.Shape))
	}
	res, err := interp.Run(f, few...)
	require.NoError(p.t, err, f)
	var out []lower.Array[float64]
	for _, x := range res {
		v := make([]float64, x.Shape.Size())
		for i, e := range x.Elements() {
			v[i] = float64(e)
		}
		out = append(out, lower.ArrayOf(v, x.Shape))
	}
	return out
}

func (p *program) floats(v gorgonia.Value) []float64 {
	p.t.Helper()
	if v.Dtype() == tensor.Float64 {
		x, err := value.Elements[float64](v)
		require.NoError(p.t, err)
		return append([]float64(nil), x...)
	}
	x, err := value.Elements[float32](v)
	require.NoError(p.t, err)
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out
}

// near requires equal numbers, up to 1e-12 (float32: 1e-5) of the greatest, or of 1.
func (p *program) near(want, got []float64, what string) {
	p.t.Helper()
	require.Len(p.t, got, len(want), what)
	limit, size := 1e-12, 1.0
	if p.dtype == tensor.Float32 {
		limit = 1e-5
	}
	for _, v := range want {
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			size = max(size, math.Abs(v))
		}
	}
	for i, v := range want {
		same := v == got[i] || math.IsNaN(v) && math.IsNaN(got[i])
		if !same && !(math.Abs(v-got[i]) <= limit*size) {
			require.Failf(p.t, "not equal", "%s: element %d: ours %v, Gorgonia's %v\nours      %v\nGorgonia's %v", what, i, v, got[i], want, got)
		}
	}
}
