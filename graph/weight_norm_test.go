package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/vm"
)

func dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

// TestWeightNormGradientsMatchTheirFormulas compares with equation 3 of Salimans and
// Kingma:
// dg = dw·v/|v| and dv = g/|v| dw - g dg/|v|² v, for each row.
func TestWeightNormGradientsMatchTheirFormulas(t *testing.T) {
	const rows, size = 3, 8
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	v := b.Param("v", from(waved(rows*size, 0)...), rows, 2, 2, 2)
	w := b.WeightNorm(v, 0)
	require.NoError(t, b.Err())
	optest.RequireClose(t, "start", p.Get("v").Floats(), run(t, b, nil, w)(w), 1e-12)

	lengths := []float64{0.5, 2, -3}
	require.NoError(t, p.Get("g").SetFloats(lengths))
	out := waved(rows*size, 1)
	b = graph.New(p, graph.Config{})
	v = b.Param("v", nil, rows, 2, 2, 2)
	dw := b.Input("dw", rows, 2, 2, 2)
	w = b.WeightNorm(v, 0)
	grads := b.Grad(b.Sum(b.Mul(w, dw)), v, b.Node(p.Get("g")))
	floats := run(t, b, inputs{"dw": out}, append(grads, w)...)
	var wantW, wantV, wantG []float64
	for i, g := range lengths {
		row, d := p.Get("v").Floats()[i*size:(i+1)*size], out[i*size:(i+1)*size]
		norm := math.Sqrt(dot(row, row))
		dg := dot(d, row) / norm
		wantG = append(wantG, dg)
		for k := range row {
			wantW = append(wantW, g*row[k]/norm)
			wantV = append(wantV, g/norm*d[k]-g*dg/(norm*norm)*row[k])
		}
	}
	optest.RequireClose(t, "w", wantW, floats(w), 1e-12)
	optest.RequireClose(t, "dv", wantV, floats(grads[0]), 1e-12)
	optest.RequireClose(t, "dg", wantG, floats(grads[1]), 1e-12)
}

// iterate is one power iteration for w [rows, the rest] in plain loops.
func iterate(w, u []float64) (next, v []float64, sigma float64) {
	cols := len(w) / len(u)
	v, next = make([]float64, cols), make([]float64, len(u))
	for i, x := range w {
		v[i%cols] += x * u[i/cols]
	}
	scale(v)
	for i, x := range w {
		next[i/cols] += x * v[i%cols]
	}
	sigma = scale(next)
	return next, v, sigma
}

// scale divides x by its length, and returns that length.
func scale(x []float64) float64 {
	length := math.Sqrt(dot(x, x))
	for i := range x {
		x[i] /= length
	}
	return length
}

// TestSpectralNormIsOnePowerIteration compares a run with plain loops. The gradient is
// equation 12 of Miyato et al.: (dw - (dw·w/sigma) u'vᵀ) / sigma.
func TestSpectralNormIsOnePowerIteration(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	w := b.Param("w", from(waved(24, 0)...), 4, 2, 3)
	y := b.SpectralNorm(w)
	require.Same(t, y, b.SpectralNorm(w), "a second call returns the same node")
	dw := b.Input("dw", 4, 2, 3)
	grad := b.Grad(b.Sum(b.Mul(y, dw)), w)[0]
	require.NoError(t, b.Err())
	u := p.Get("u").Floats()
	next, v, sigma := iterate(p.Get("w").Floats(), u)
	out := waved(24, 1)
	var wantY, wantGrad []float64
	for _, x := range p.Get("w").Floats() {
		wantY = append(wantY, x/sigma)
	}
	along := dot(out, wantY)
	for i := range out {
		wantGrad = append(wantGrad, (out[i]-along*next[i/6]*v[i%6])/sigma)
	}
	floats := run(t, b, inputs{"dw": out}, y, grad)
	optest.RequireClose(t, "value", wantY, floats(y), 1e-12)
	optest.RequireClose(t, "gradient", wantGrad, floats(grad), 1e-12)
	optest.RequireClose(t, "next state", next, p.Get("u").Floats(), 1e-12)
}

func TestSpectralNormFindsTheGreatestSingularValue(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	y := b.SpectralNorm(b.Param("w", graph.Normal(0, 3), 6, 4))
	require.NoError(t, b.Err())
	m := machine(t, b, nil, y)
	for range 200 {
		require.NoError(t, vm.Run(m))
	}
	found, err := m.Floats("out0")
	require.NoError(t, err)
	u, greatest := waved(6, 0), 0.0
	for range 1000 {
		u, _, greatest = iterate(found, u)
	}
	require.InDelta(t, 1, greatest, 1e-9)

	before := p.Get("u").Floats()
	b = graph.New(p, graph.Config{})
	y = b.SpectralNorm(b.Param("w", nil, 6, 4))
	optest.RequireClose(t, "evaluation", found, run(t, b, nil, y)(y), 1e-9)
	require.Equal(t, before, p.Get("u").Floats(), "u changes only in training")
}
