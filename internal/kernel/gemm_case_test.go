// Checking a product against a chain of exact fused multiply-adds, with guards around
// every operand.

package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// fma32 returns x*y + z rounded once. The product of two float32 is exact in float64. The
// sum is rounded to odd, so that rounding it again gives the right float32.
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

// fma returns x*y + z rounded once.
func fma[F Float](x, y, z F) F {
	if gemmSize[F]() == 4 {
		return F(fma32(float32(x), float32(y), float32(z)))
	}
	return F(math.FMA(float64(x), float64(y), float64(z)))
}

// gemmChain computes the product as the comment of Gemm defines it.
func gemmChain[F Float](s GemmShape, x GemmArgs[F]) []F {
	c := append([]F(nil), x.C...)
	for i := range s.M {
		for j := range s.N {
			v := F(0)
			if x.Accumulate {
				v = c[i*s.LDC+j]
			}
			for k := range s.K {
				v = fma(x.A[i*s.A.Row+k*s.A.Col], x.B[k*s.B.Row+j*s.B.Col], v)
			}
			c[i*s.LDC+j] = epilogue(x, v, j)
		}
	}
	return c
}

// gemmGuard is the value around operands. It must not be overwritten, and must not reach
// c.
func gemmGuard[F Float]() F { return F(math.NaN()) }

// gemmNumbers returns n elements that begin at offset in a longer array. The elements that
// at marks are drawn from rng, the others are gemmGuard.
func gemmNumbers[F Float](rng *rand.Rand, n, offset int, exact bool, at func(mark func(i int))) (whole, part []F) {
	whole = make([]F, offset+n+17)
	for i := range whole {
		whole[i] = gemmGuard[F]()
	}
	part = whole[offset : offset+n : offset+n]
	at(func(i int) {
		part[i] = F(rng.NormFloat64())
		if exact {
			part[i] = F(rng.IntN(9) - 4)
		}
	})
	return whole, part
}

// gemmMatrix returns a matrix [rows,cols] with guards between its elements.
func gemmMatrix[F Float](rng *rand.Rand, rows, cols int, s Strides, offset int, exact bool) (whole, part []F) {
	n := 0
	if rows > 0 && cols > 0 {
		n = (rows-1)*s.Row + (cols-1)*s.Col + 1
	}
	return gemmNumbers[F](rng, n, offset, exact, func(mark func(int)) {
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
	offset     int // of the operands in their arrays
	accumulate bool
	bias, relu bool
	pack       bool // b is packed before
	parts      int
	exact      bool // small integers: no rounding, so every order gives the same bits
}

// gemmLayouts are layouts of a matrix [rows,cols].
var gemmLayouts = []struct {
	name    string
	strides func(rows, cols int) Strides
}{
	{"by rows", func(_, cols int) Strides { return Strides{cols, 1} }},
	{"by columns", func(rows, _ int) Strides { return Strides{1, rows} }},
	{"rows with gaps", func(_, cols int) Strides { return Strides{cols + 5, 1} }},
	{"columns with gaps", func(rows, _ int) Strides { return Strides{1, rows + 3} }},
	{"every second element", func(_, cols int) Strides { return Strides{2*cols + 1, 2} }},
	{"aliased rows", func(_, cols int) Strides { return Strides{(cols + 511) / 512 * 512, 1} }},
	{"aliased columns", func(rows, _ int) Strides { return Strides{1, (rows + 511) / 512 * 512} }},
}

// check checks the case for both types.
func (c gemmCase) check(t *testing.T, isa ISA, rng *rand.Rand) {
	t.Helper()
	checkGemmCase[float32](t, c, isa, rng)
	checkGemmCase[float64](t, c, isa, rng)
}

func checkGemmCase[F Float](t *testing.T, c gemmCase, isa ISA, rng *rand.Rand) {
	t.Helper()
	g, err := PlanGemm[F](isa, c.GemmShape)
	require.NoError(t, err)
	_, a := gemmMatrix[F](rng, c.M, c.K, c.A, c.offset, c.exact)
	_, b := gemmMatrix[F](rng, c.K, c.N, c.B, c.offset, c.exact)
	whole, out := gemmMatrix[F](rng, c.M, c.N, Strides{c.LDC, 1}, c.offset, c.exact)
	x := GemmArgs[F]{A: a, B: b, C: out, Accumulate: c.accumulate, ReLU: c.relu}
	if !c.accumulate {
		for i := range out {
			out[i] = gemmGuard[F]()
		}
	}
	if c.bias {
		_, x.Bias = gemmMatrix[F](rng, 1, c.N, Strides{c.N, 1}, c.offset, c.exact)
	}
	want := gemmChain(c.GemmShape, x)
	before := append([]F(nil), whole...)
	if c.pack {
		x.PackedB = make([]F, g.PackedB()+5)
		for i := range x.PackedB {
			x.PackedB[i] = gemmGuard[F]()
		}
		require.NoError(t, g.PackB(x.PackedB, b))
		for _, v := range x.PackedB[g.PackedB():] {
			require.True(t, v != v, "PackB wrote beyond PackedB()")
		}
		x.B = nil
	}
	scratch := make([]F, c.offset+g.Scratch()+3)
	for i := range scratch {
		scratch[i] = gemmGuard[F]()
	}
	for p := range c.parts {
		require.NoError(t, g.RunBlock(g.Part(p, c.parts), x, scratch[c.offset:c.offset+g.Scratch()]))
	}
	for i, v := range scratch {
		if (i < c.offset || i >= c.offset+g.Scratch()) && v == v {
			require.Fail(t, "written outside scratch", "%s %+v at %d of %d", isa, c, i-c.offset, g.Scratch())
		}
	}
	unit := 1e-6
	if gemmSize[F]() == 8 {
		unit = 1e-15
	}
	for i := range whole {
		at := i - c.offset
		if at < 0 || at >= len(out) || at%max(c.LDC, 1) >= c.N {
			if !sameNumber(before[i], whole[i]) {
				require.Fail(t, "written outside c", "%s %+v at %d", isa, c, at)
			}
			continue
		}
		v := want[at]
		ok := sameNumber(v, out[at])
		if isa == Plain && !c.exact {
			ok = math.Abs(float64(v)-float64(out[at])) <= unit*float64(c.K+1)*max(1, math.Abs(float64(v)))
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

// epilogue returns the result for the sum v in column j.
func epilogue[F Float](x GemmArgs[F], v F, j int) F {
	if x.Bias != nil {
		v += x.Bias[j]
	}
	if x.ReLU && v < 0 {
		v = 0
	}
	return v
}
