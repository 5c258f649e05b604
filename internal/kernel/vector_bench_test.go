package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkVector runs on a block of 512 elements, as the CPU engine does.
func BenchmarkVector(b *testing.B) {
	b.Run("float32", benchmarkVector[float32])
	b.Run("float64", benchmarkVector[float64])
}

func benchmarkVector[F Float](b *testing.B) {
	const n = 512
	for _, c := range vectorCases[F]() {
		for _, isa := range Supported() {
			b.Run(fmt.Sprintf("%s/%s", strings.ReplaceAll(c.name, " ", "-"), isa), func(b *testing.B) {
				v, r := vectorsFor[F](isa), rand.New(rand.NewPCG(5, 6))
				number := func(r *rand.Rand) F { return F(math.Abs(r.NormFloat64()) * 2) }
				_, x := operand(r, n, 0, number)
				_, y := operand(r, n, 0, number)
				_, z := operand(r, n, 0, number)
				dst := make([]F, n)
				for b.Loop() {
					c.run(v, dst, x, y, z, 1.5, 0.5)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	}
}

func BenchmarkReduce(b *testing.B) {
	const n = 4096
	cases := []struct {
		name string
		run  func(v *Vector[float32], dst, x []float32) float32
	}{
		{"sum", func(v *Vector[float32], dst, x []float32) float32 { return v.Sum(x) }},
		{"max", func(v *Vector[float32], dst, x []float32) float32 { return v.Max(x) }},
		{"add-rows-32x128", func(v *Vector[float32], dst, x []float32) float32 {
			v.AddRows(dst[:128], x, n/128, 128)
			return 0
		}},
	}
	for _, c := range cases {
		for _, isa := range Supported() {
			b.Run(c.name+"/"+string(isa), func(b *testing.B) {
				v, r := VectorFor(isa), rand.New(rand.NewPCG(17, 18))
				_, x := operand(r, n, 0, func(r *rand.Rand) float32 { return r.Float32() })
				dst := make([]float32, n)
				for b.Loop() {
					c.run(v, dst, x)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	}
}

// BenchmarkAdam is the optimiser's update of a weight in blocks of 512: as a program of
// twelve instructions, as one of three, and with only the same reads and writes of
// memory.
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
	short := func(v *Vector[float32], t, u, w, m, s, g []float32) {
		v.Blend(m, m, g, beta1, 1-beta1)
		v.BlendSquare(s, s, g, beta2, 1-beta2)
		v.OverRoot(w, w, m, s, rate/c1, 1/c2, epsilon)
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
			}{{"adam", adam}, {"short", short}, {"traffic", traffic}} {
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
