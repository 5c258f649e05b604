package lower_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

func TestGradientsOfCellsReadOnlySavedValues(t *testing.T) {
	for c := range lower.Cell(lower.Cells) {
		s := c.Step()
		saved := map[int]bool{}
		for i, v := range s.NextStates {
			saved[v], saved[s.State(i)], saved[s.NextStateGrad(i)] = true, true, true
		}
		for _, v := range s.Saved {
			saved[v] = true
		}
		require.Len(t, saved, len(s.Steps)+2*len(s.NextStates), "%v: each step's result is saved once", c)
		for k, e := range s.Grad().Steps {
			for v := range s.GradStep(0) {
				require.False(t, e.Reads(v) && !saved[v], "%v: gradient step %d reads value %d: %v", c, k, v, e)
			}
		}
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// The reference computes one unit at a time.
func TestGRUComputesItsFormula(t *testing.T) {
	const batch, steps, features, units = 3, 4, 2, 5
	rng := rand.New(rand.NewPCG(1, 2))
	p := lower.Recur{Cell: lower.CellGRU, Steps: steps, Initial: true}
	in := recurShapes(p, steps, batch, features, units)
	args := make([]lower.Array[float64], len(in))
	f := lower.NewFunc(in...)
	vs := make([]lower.Value, len(in))
	for i, s := range in {
		vs[i], args[i] = f.In(i), lower.NewArray[float64](s)
		for k := range args[i].Data {
			args[i].Data[k] = rng.NormFloat64()
		}
	}
	f.Return(f.Apply(p, vs...)[0])
	out, err := interp.Run(f, args...)
	require.NoError(t, err)
	x, wx, wh, bias := args[0], args[1], args[2], args[3]
	for n := range batch {
		h := append([]float64(nil), args[4].Data[n*units:(n+1)*units]...)
		for s := range steps {
			px, ph := make([]float64, 3*units), make([]float64, 3*units)
			for j := range px {
				for d := range features {
					px[j] += x.At(n, s, d) * wx.At(d, j)
				}
				for u := range units {
					ph[j] += h[u] * wh.At(u, j)
				}
			}
			next := make([]float64, units)
			for u := range units {
				r := logistic(px[u] + ph[u] + bias.At(u))
				z := logistic(px[units+u] + ph[units+u] + bias.At(units+u))
				c := math.Tanh(px[2*units+u] + bias.At(2*units+u) + r*(ph[2*units+u]+bias.At(3*units+u)))
				next[u] = (1-z)*c + z*h[u]
			}
			h = next
			for u := range units {
				require.InDelta(t, h[u], out[0].At(n, s, u), 1e-12, "sample %d, step %d, unit %d", n, s, u)
			}
		}
	}
}

// The loss is a weighted sum of the outputs, including the last h.
func TestGradientsOfCellsMatchDifferences(t *testing.T) {
	const batch, steps, features, units = 2, 3, 2, 3
	for c := range lower.Cell(lower.Cells) {
		for _, given := range []int{1, steps} {
			for _, reverse := range []bool{false, true} {
				p := lower.Recur{Cell: c, Steps: steps, Initial: true, Reverse: reverse}
				in := recurShapes(p, given, batch, features, units)
				rng := rand.New(rand.NewPCG(5, uint64(c)))
				args := make([]lower.Array[float64], len(in))
				f := lower.NewFunc(in...)
				vs := make([]lower.Value, len(in))
				for i, s := range in {
					vs[i], args[i] = f.In(i), lower.NewArray[float64](s)
					for k := range args[i].Data {
						args[i].Data[k] = rng.NormFloat64() / 2
					}
				}
				seq := f.Apply(p, vs...)
				g := lower.NewArray[float64](lower.Shape{batch, steps, units})
				for i := range g.Data {
					g.Data[i] = rng.NormFloat64()
				}
				f.Return(seq...)
				loss := func() float64 {
					out, err := interp.Run(f, args...)
					require.NoError(t, err)
					sum := 0.0
					for i, v := range out[0].Elements() {
						sum += v * g.Data[i]
					}
					return sum
				}

				forward, err := interp.Run(f, args...)
				require.NoError(t, err)
				operands := append(append(append([]lower.Array[float64]{}, args[:3]...), args[4:]...), append(forward, g)...)
				shapes := make([]lower.Shape, len(operands))
				for i, a := range operands {
					shapes[i] = a.Shape
				}
				back := lower.NewFunc(shapes...)
				bs := make([]lower.Value, len(shapes))
				for i := range bs {
					bs[i] = back.In(i)
				}
				back.Return(back.Apply(lower.RecurGrad{Of: p, Outputs: true, X: true, Weights: true, State: true}, bs...)...)
				grads, err := interp.Run(back, operands...)
				require.NoError(t, err)
				require.Len(t, grads, len(args))
				for i, a := range args {
					for k := range a.Data {
						const step = 1e-5
						was := a.Data[k]
						a.Data[k] = was + step
						up := loss()
						a.Data[k] = was - step
						down := loss()
						a.Data[k] = was
						require.InDelta(t, (up-down)/(2*step), grads[i].Elements()[k], 1e-8, "%v, %d steps of x, operand %d, element %d", p, given, i, k)
					}
				}
			}
		}
	}
}
