package programs

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cpu"
)

// gatesByLoops is the program gates in plain loops; the candidate's columns
// begin at candidate. It returns the costs and the final weights.
func gatesByLoops(c gates, candidate, steps int) (costs, w, u []float64) {
	s := newSheet(tensor.Float64, 14)
	data := func(scale float64, shape ...int) []float64 { return s.normal(scale, shape...).Data().([]float64) }
	w, u = data(0.3, c.in, 3*gate), data(0.1, gate, 3*gate)
	start := data(0.3, c.batch, gate)
	const reset, update = 0, gate
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for range steps {
		var xs [][]float64
		for range c.steps {
			xs = append(xs, data(1, c.batch, c.in))
		}
		y := data(1, c.batch, gate)
		hs, sums := [][]float64{start}, [][]float64{}
		for t, x := range xs {
			h, sum := hs[t], make([]float64, c.batch*3*gate)
			addProduct(sum, x, w, c.batch, c.in, 3*gate)
			addProduct(sum, h, u, c.batch, gate, 3*gate)
			next := make([]float64, len(h))
			for i := range next {
				g := sum[i/gate*3*gate+i%gate:]
				written := sigmoid(g[reset]) * math.Tanh(g[candidate])
				next[i] = h[i] + sigmoid(g[update])*(written-h[i])
			}
			hs, sums = append(hs, next), append(sums, sum)
		}
		cost, dh := 0., make([]float64, c.batch*gate)
		for i, h := range hs[c.steps] {
			d := h - y[i]
			cost += d * d / float64(len(dh))
			dh[i] = 2 * d / float64(len(dh))
		}
		costs = append(costs, cost)
		dw, du := make([]float64, len(w)), make([]float64, len(u))
		for t := c.steps - 1; t >= 0; t-- {
			h, dsum, before := hs[t], make([]float64, len(sums[t])), make([]float64, len(dh))
			for i, d := range dh {
				at := i/gate*3*gate + i%gate
				g, dg := sums[t][at:], dsum[at:]
				r, z, n := sigmoid(g[reset]), sigmoid(g[update]), math.Tanh(g[candidate])
				dg[update] += d * (r*n - h[i]) * z * (1 - z)
				dg[reset] += d * z * n * r * (1 - r)
				dg[candidate] += d * z * r * (1 - n*n)
				before[i] = d * (1 - z)
			}
			addProduct(dw, transposed(xs[t], c.batch, c.in), dsum, c.in, c.batch, 3*gate)
			addProduct(du, transposed(h, c.batch, gate), dsum, gate, c.batch, 3*gate)
			addProduct(before, dsum, transposed(u, gate, 3*gate), c.batch, 3*gate, gate)
			dh = before
		}
		for i := range w {
			w[i] -= dw[i]
		}
		for i := range u {
			u[i] -= du[i]
		}
	}
	return costs, w, u
}

// addProduct adds a [m,k] by b [k,n] to c [m,n].
func addProduct(c, a, b []float64, m, k, n int) {
	for i := range m {
		for j := range k {
			for l := range n {
				c[i*n+l] += a[i*k+j] * b[j*n+l]
			}
		}
	}
}

func transposed(a []float64, m, n int) []float64 {
	t := make([]float64, len(a))
	for i := range m {
		for j := range n {
			t[j*m+i] = a[i*n+j]
		}
	}
	return t
}

// Gorgonia's graph has 0:128 in place of 256:384, and no machine can know. With two
// slices, the gates are as the program wants them.
func TestGatesAreThoseOfTheGraph(t *testing.T) {
	for _, c := range []struct {
		name      string
		twice     bool
		candidate int // where its columns begin
	}{{"gates", false, 0}, {"gates-twice", true, 2 * gate}} {
		for dtype, tol := range map[tensor.Dtype]float64{tensor.Float64: 1e-10, tensor.Float32: 1e-4} {
			for machine, of := range map[string]Machine{"tape": TapeMachine, "cpu": On(cpu.New)} {
				t.Run(fmt.Sprint(c.name, "/", dtype, "/", machine), func(t *testing.T) {
					const steps = 4
					small := gates{2, 5, 2, c.twice}
					costs, w, u := gatesByLoops(small, c.candidate, steps)
					shown, err := Program{Name: c.name}.Run(small, dtype, of, steps)
					require.NoError(t, err)
					var gotW, gotU, gotCosts []float64
					for _, v := range shown {
						switch v.What {
						case "w":
							gotW = v.Numbers
						case "u":
							gotU = v.Numbers
						case "cost":
							gotCosts = append(gotCosts, v.Numbers...)
						}
					}
					require.InDeltaSlice(t, costs, gotCosts, tol)
					require.InDeltaSlice(t, w, gotW, tol)
					require.InDeltaSlice(t, u, gotU, tol)
				})
			}
		}
	}
}
