package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReductionAssemblyEqualsItsGenericTwin(t *testing.T) {
	plain := VectorFor(Plain)
	lengths := []int{127, 128, 129, 500, 1000, 4097}
	for n := range 132 {
		lengths = append(lengths, n)
	}
	numbers := map[string]func(*rand.Rand) float32{
		"ordinary": func(r *rand.Rand) float32 { return float32(r.NormFloat64()) },
		"negative": func(r *rand.Rand) float32 { return -1 - r.Float32() },
		"zeros":    func(r *rand.Rand) float32 { return float32(math.Copysign(0, r.Float64()-0.5)) },
		"any":      oneOf,
	}
	for _, isa := range assembly(t) {
		v := VectorFor(isa)
		for name, number := range numbers {
			t.Run(fmt.Sprintf("%s/%s", isa, name), func(t *testing.T) {
				r := rand.New(rand.NewPCG(9, 10))
				for _, n := range lengths {
					_, x := operand(r, n, r.IntN(16), number)
					_, y := operand(r, n+r.IntN(3), r.IntN(16), number)
					requireSame(t, []float32{plain.Sum(x), plain.Max(x), plain.Dot(x, y), plain.Dot(y, x), plain.Dot(x, x)},
						[]float32{v.Sum(x), v.Max(x), v.Dot(x, y), v.Dot(y, x), v.Dot(x, x)}, make([]float32, 5))
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

func TestAddRowsEqualsItsGenericTwin(t *testing.T) {
	for _, isa := range assembly(t) {
		v, r := VectorFor(isa), rand.New(rand.NewPCG(13, 14))
		for columns := range 150 {
			for _, rows := range []int{-1, 0, 1, 2, 7} {
				stride := columns + r.IntN(5)
				_, x := operand(r, max(rows, 1)*stride, 3, oneOf)
				whole, got := operand(r, columns, 1, oneOf)
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

func TestSoftmaxGivesNothingToMinusInfinity(t *testing.T) {
	inf := float32(math.Inf(-1))
	for _, isa := range Supported() {
		p := make([]float32, 3)
		VectorFor(isa).Softmax(p, []float32{0, inf, 0})
		require.Equal(t, []float32{0.5, 0, 0.5}, p)
	}
}

func BenchmarkReduce(b *testing.B) {
	const n = 4096
	cases := []struct {
		name string
		run  func(v *Vector[float32], dst, x, y []float32) float32
	}{
		{"sum", func(v *Vector[float32], dst, x, y []float32) float32 { return v.Sum(x) }},
		{"dot", func(v *Vector[float32], dst, x, y []float32) float32 { return v.Dot(x, y) }},
		{"max", func(v *Vector[float32], dst, x, y []float32) float32 { return v.Max(x) }},
		{"add-rows-32x128", func(v *Vector[float32], dst, x, y []float32) float32 {
			v.AddRows(dst[:128], x, n/128, 128)
			return 0
		}},
	}
	for _, c := range cases {
		for _, isa := range Supported() {
			b.Run(c.name+"/"+string(isa), func(b *testing.B) {
				v, r := VectorFor(isa), rand.New(rand.NewPCG(17, 18))
				number := func(r *rand.Rand) float32 { return r.Float32() }
				_, x := operand(r, n, 0, number)
				_, y := operand(r, n, 0, number)
				dst := make([]float32, n)
				for b.Loop() {
					c.run(v, dst, x, y)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	}
}

// BenchmarkAdam is the optimiser's update of a weight as a program of twelve
// instructions on blocks of 512, and what the memory takes for the same reads
// and writes.
func BenchmarkAdam(b *testing.B) {
	const block = 512
	const beta1, beta2, c1, c2, rate, epsilon = 0.9, 0.999, 0.5, 0.25, 1e-3, 1e-8
	adam := func(v *Vector[float32], t, u, w, m, s, g []float32) {
		v.Right[OpMul](t, g, 1-beta1)
		v.MulAddScaled(m, m, t, beta1)
		v.Binary[OpMul](t, g, g)
		v.Right[OpMul](t, t, 1-beta2)
		v.MulAddScaled(s, s, t, beta2)
		v.Right[OpDiv](u, s, c2)
		v.Unary[OpSqrt](u, u)
		v.Right[OpAdd](u, u, epsilon)
		v.Right[OpDiv](t, m, c1)
		v.Right[OpMul](t, t, rate)
		v.Binary[OpDiv](t, t, u)
		v.Binary[OpSub](w, w, t)
	}
	traffic := func(v *Vector[float32], t, u, w, m, s, g []float32) {
		v.Binary[OpAdd](m, m, g)
		v.Binary[OpAdd](s, s, g)
		v.Binary[OpAdd](w, w, g)
	}
	for _, size := range []int{1 << 14, 1 << 21} {
		for _, isa := range Supported() {
			for _, c := range []struct {
				name string
				run  func(v *Vector[float32], t, u, w, m, s, g []float32)
			}{{"adam", adam}, {"traffic", traffic}} {
				b.Run(fmt.Sprintf("%d/%s/%s", size, isa, c.name), func(b *testing.B) {
					v, r := VectorFor(isa), rand.New(rand.NewPCG(19, 20))
					var a [4][]float32
					for i := range a {
						_, a[i] = operand(r, size, 0, func(r *rand.Rand) float32 { return r.Float32() })
					}
					t, u := make([]float32, block), make([]float32, block)
					for b.Loop() {
						for i := 0; i < size; i += block {
							j := i + block
							c.run(v, t, u, a[0][i:j], a[1][i:j], a[2][i:j], a[3][i:j])
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/element")
				})
			}
		}
	}
}
