// How a product is checked: against a chain of exact fused multiply-adds, with
// guards around every operand.

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// fma32 returns x*y + z rounded once. The product of two float32 is exact in
// float64; the sum is rounded to odd, so that rounding it again changes nothing.
func fma32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	if math.IsInf(s, 0) || math.IsNaN(s) {
		return float32(s)
	}
	t := s - p
	lost := (p - (s - t)) + (c - t)
	if bits := math.Float64bits(s); lost != 0 && bits&1 == 0 {
		if (lost > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

// gemmChain is the product as Gemm's comment has it.
func gemmChain(s GemmShape, x GemmArgs[float32]) []float32 {
	c := append([]float32(nil), x.C...)
	for i := range s.M {
		for j := range s.N {
			v := float32(0)
			if x.Accumulate {
				v = c[i*s.LDC+j]
			}
			for k := range s.K {
				v = fma32(x.A[i*s.A.Row+k*s.A.Col], x.B[k*s.B.Row+j*s.B.Col], v)
			}
			c[i*s.LDC+j] = x.finish(v, j)
		}
	}
	return c
}

// gemmGuard is what lies around operands and must neither be written nor reach c.
var gemmGuard = float32(math.NaN())

// gemmNumbers returns n elements that begin offset elements into a longer array, for
// the places that at returns: drawn from rng, and gemmGuard elsewhere.
func gemmNumbers(rng *rand.Rand, n, offset int, exact bool, at func(mark func(i int))) (whole, part []float32) {
	whole = make([]float32, offset+n+17)
	for i := range whole {
		whole[i] = gemmGuard
	}
	part = whole[offset : offset+n : offset+n]
	at(func(i int) {
		part[i] = float32(rng.NormFloat64())
		if exact {
			part[i] = float32(rng.IntN(9) - 4)
		}
	})
	return whole, part
}

// gemmMatrix returns the elements of a matrix [rows,cols], and guards between them.
func gemmMatrix(rng *rand.Rand, rows, cols int, s Strides, offset int, exact bool) (whole, part []float32) {
	n := 0
	if rows > 0 && cols > 0 {
		n = (rows-1)*s.Row + (cols-1)*s.Col + 1
	}
	return gemmNumbers(rng, n, offset, exact, func(mark func(int)) {
		for i := range rows {
			for j := range cols {
				mark(i*s.Row + j*s.Col)
			}
		}
	})
}

// gemmCase is a product to check.
type gemmCase struct {
	GemmShape
	offset     int // of the operands from the start of their arrays
	accumulate bool
	bias, relu bool
	pack       bool // b beforehand
	parts      int
	exact      bool // small integers: no rounding, so every way gives the same bits
}

// gemmLayouts are ways for a matrix [rows,cols] to lie.
var gemmLayouts = []struct {
	name    string
	strides func(rows, cols int) Strides
}{
	{"by rows", func(_, cols int) Strides { return Strides{cols, 1} }},
	{"by columns", func(rows, _ int) Strides { return Strides{1, rows} }},
	{"rows apart", func(_, cols int) Strides { return Strides{cols + 5, 1} }},
	{"columns apart", func(rows, _ int) Strides { return Strides{1, rows + 3} }},
	{"every second", func(_, cols int) Strides { return Strides{2*cols + 1, 2} }},
	{"rows that meet in the cache", func(_, cols int) Strides { return Strides{(cols + 511) / 512 * 512, 1} }},
	{"columns that meet in the cache", func(rows, _ int) Strides { return Strides{1, (rows + 511) / 512 * 512} }},
}

func (c gemmCase) check(t *testing.T, isa ISA, rng *rand.Rand) {
	t.Helper()
	g, err := PlanGemm(isa, c.GemmShape)
	require.NoError(t, err)
	_, a := gemmMatrix(rng, c.M, c.K, c.A, c.offset, c.exact)
	_, b := gemmMatrix(rng, c.K, c.N, c.B, c.offset, c.exact)
	whole, out := gemmMatrix(rng, c.M, c.N, Strides{c.LDC, 1}, c.offset, c.exact)
	x := GemmArgs[float32]{A: a, B: b, C: out, Accumulate: c.accumulate, ReLU: c.relu}
	if !c.accumulate {
		for i := range out {
			out[i] = gemmGuard
		}
	}
	if c.bias {
		_, x.Bias = gemmMatrix(rng, 1, c.N, Strides{c.N, 1}, c.offset, c.exact)
	}
	want := gemmChain(c.GemmShape, x)
	before := append([]float32(nil), whole...)
	if c.pack {
		x.PackedB = make([]float32, g.PackedB()+5)
		for i := range x.PackedB {
			x.PackedB[i] = gemmGuard
		}
		require.NoError(t, g.PackB(x.PackedB, b))
		for _, v := range x.PackedB[g.PackedB():] {
			require.True(t, v != v, "PackB wrote beyond PackedB()")
		}
		x.B = nil
	}
	scratch := make([]float32, c.offset+g.Scratch()+3)
	for i := range scratch {
		scratch[i] = gemmGuard
	}
	for p := range c.parts {
		require.NoError(t, g.RunBlock(g.Part(p, c.parts), x, scratch[c.offset:c.offset+g.Scratch()]))
	}
	for i, v := range scratch {
		if (i < c.offset || i >= c.offset+g.Scratch()) && v == v {
			require.Fail(t, "scratch written outside", "%s %+v at %d of %d", isa, c, i-c.offset, g.Scratch())
		}
	}
	for i := range whole {
		at, v := i-c.offset, float32(0)
		if at < 0 || at >= len(out) || at%max(c.LDC, 1) >= c.N {
			if math.Float32bits(before[i]) != math.Float32bits(whole[i]) {
				require.Fail(t, "written outside c", "%s %+v at %d", isa, c, at)
			}
			continue
		}
		v = want[at]
		ok := math.Float32bits(v) == math.Float32bits(out[at]) || v != v && out[at] != out[at]
		if isa == Plain && !c.exact {
			ok = math.Abs(float64(v)-float64(out[at])) <= 1e-6*float64(c.K+1)*max(1, math.Abs(float64(v)))
		}
		if !ok {
			require.Fail(t, "wrong element", "%s %+v at %d: want %v, got %v", isa, c, at, v, out[at])
		}
	}
}

func FuzzGemm(f *testing.F) {
	f.Add(uint64(1), uint8(14), uint8(32), uint8(16), uint8(0), uint8(0))
	f.Add(uint64(2), uint8(1), uint8(129), uint8(9), uint8(1), uint8(7))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k, layout, flags uint8) {
		rng := rand.New(rand.NewPCG(seed, 0))
		a, b := gemmLayouts[int(layout)%len(gemmLayouts)], gemmLayouts[int(layout)/len(gemmLayouts)%len(gemmLayouts)]
		s := GemmShape{M: int(m), N: int(n), K: int(k), LDC: int(n) + int(flags>>6)}
		s.A, s.B = a.strides(s.M, s.K), b.strides(s.K, s.N)
		for _, isa := range Supported() {
			gemmCase{
				GemmShape: s, offset: rng.IntN(17), accumulate: flags&1 > 0, bias: flags&2 > 0, relu: flags&4 > 0,
				pack: flags&8 > 0, parts: 1 + int(flags>>4&3), exact: isa == Plain,
			}.check(t, isa, rng)
		}
	})
}
