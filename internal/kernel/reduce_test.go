package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReductionAssemblyEqualsItsTwin(t *testing.T) {
	plain := VectorFor(Plain)
	lengths := []int{127, 128, 129, 500, 1000, 4097}
	for n := range 132 {
		lengths = append(lengths, n)
	}
	numbers := map[string]func(*rand.Rand) float32{
		"ordinary": func(r *rand.Rand) float32 { return float32(r.NormFloat64()) },
		"negative": func(r *rand.Rand) float32 { return -1 - r.Float32() },
		"zeros":    func(r *rand.Rand) float32 { return float32(math.Copysign(0, r.Float64()-0.5)) },
		"any":      oneOf[float32],
	}
	for _, isa := range assembly(t) {
		v := VectorFor(isa)
		for name, number := range numbers {
			t.Run(fmt.Sprintf("%s/%s", isa, name), func(t *testing.T) {
				r := rand.New(rand.NewPCG(9, 10))
				for _, n := range lengths {
					_, x := operand(r, n, r.IntN(16), number)
					requireSame(t, []float32{plain.Sum(x), plain.Max(x)}, []float32{v.Sum(x), v.Max(x)}, make([]float32, 2))
				}
			})
		}
	}
}

func TestMaxFindsANaNAnywhere(t *testing.T) {
	for _, isa := range Supported() {
		v := VectorFor(isa)
		for n := 1; n < 150; n++ {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(i)
			}
			require.Equal(t, float32(n-1), v.Max(x))
			x[n*5/7] = float32(math.NaN())
			require.True(t, math.IsNaN(float64(v.Max(x))), "%s: NaN at %d of %d", isa, n*5/7, n)
		}
		require.Equal(t, float32(math.Inf(-1)), v.Max(nil))
		require.False(t, math.Signbit(float64(v.Max([]float32{float32(math.Copysign(0, -1))}))))
	}
}

func TestSumIsInTheDocumentedOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	_, x := operand(r, 300, 0, func(r *rand.Rand) float32 { return float32(r.NormFloat64()) })
	lanes := make([]float32, 64)
	for i, v := range x {
		lanes[i%64] += v
	}
	for _, half := range []int{32, 16, 8, 4, 2, 1} {
		for j := range half {
			lanes[j] += lanes[j+half]
		}
	}
	for _, isa := range Supported() {
		require.Equal(t, lanes[0], VectorFor(isa).Sum(x), "%s", isa)
	}
}

func TestAddRowsEqualsItsTwin(t *testing.T) {
	for _, isa := range assembly(t) {
		v, r := VectorFor(isa), rand.New(rand.NewPCG(13, 14))
		for columns := range 150 {
			for _, rows := range []int{-1, 0, 1, 2, 7} {
				stride := columns + r.IntN(5)
				_, x := operand(r, max(rows, 1)*stride, 3, oneOf[float32])
				whole, got := operand(r, columns, 1, oneOf[float32])
				want := append([]float32{}, got...)
				addRowsGeneric(want, x, rows, stride)
				v.AddRows(got, x, rows, stride)
				requireSame(t, want, got, x)
				requireVectorGuards(t, whole, columns, 1)
			}
		}
	}
}

func TestSoftmaxAndLogSoftmaxMatchFloat64(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, isa := range Supported() {
		v := VectorFor(isa)
		for _, n := range []int{1, 2, 10, 100, 1000} {
			_, x := operand(r, n, 0, func(r *rand.Rand) float32 { return float32(100 + 10*r.NormFloat64()) })
			top, sum := float64(v.Max(x)), 0.0
			for _, a := range x {
				sum += math.Exp(float64(a) - top)
			}
			p, logp := make([]float32, n), make([]float32, n)
			v.Softmax(p, x)
			v.LogSoftmax(logp, x)
			for i, a := range x {
				want := float64(a) - top - math.Log(sum)
				require.InDelta(t, want, float64(logp[i]), 1e-5, "%s: log-softmax of %d", isa, n)
				require.InEpsilon(t, math.Exp(want), float64(p[i]), 2e-6, "%s: softmax of %d", isa, n)
			}
			v.Softmax(x, x)
			require.Equal(t, p, x, "in place")
		}
		v.Softmax(nil, nil)
		v.LogSoftmax(nil, nil)
	}
}

// TestColumnsHaveTheSoftmaxOfEach: several softmaxes side by side.
func TestColumnsHaveTheSoftmaxOfEach(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 17))
	for _, isa := range Supported() {
		v := VectorFor(isa)
		for _, n := range []int{1, 2, 10, 64} {
			for _, columns := range []int{1, 5, 16, 130} {
				_, x := operand(r, n*columns, 0, func(r *rand.Rand) float32 { return float32(100 + 10*r.NormFloat64()) })
				scratch := make([]float32, (n+1)*columns)
				p, logp := slices.Clone(x), slices.Clone(x)
				v.SoftmaxColumns(p, columns, scratch)
				v.LogSoftmaxColumns(logp, columns, scratch)
				for c := range columns {
					top, sum := math.Inf(-1), 0.0
					for i := range n {
						top = max(top, float64(x[i*columns+c]))
					}
					for i := range n {
						sum += math.Exp(float64(x[i*columns+c]) - top)
					}
					for i := range n {
						want := float64(x[i*columns+c]) - top - math.Log(sum)
						require.InDelta(t, want, float64(logp[i*columns+c]), 1e-5, "%s: log-softmax of %d", isa, n)
						require.InEpsilon(t, math.Exp(want), float64(p[i*columns+c]), 2e-6, "%s: softmax of %d", isa, n)
					}
				}
			}
		}
	}
}

func TestSoftmaxOfMinusInfinityIsZero(t *testing.T) {
	inf := float32(math.Inf(-1))
	for _, isa := range Supported() {
		p := make([]float32, 3)
		VectorFor(isa).Softmax(p, []float32{0, inf, 0})
		require.Equal(t, []float32{0.5, 0, 0.5}, p)
	}
}
