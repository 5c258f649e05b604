package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// implicitCase is an implicit product to check.
type implicitCase struct {
	m, n, k    int
	accumulate bool
	exact      bool // small integers: no rounding, so every order gives the same bits
}

// checkImplicit compares all panels of an implicit product with the product of the same
// matrices. alloc allocates the operands, with or without fences.
func checkImplicit[F Float](t *testing.T, c implicitCase, isa ISA, rng *rand.Rand, alloc func(n int) []F) {
	t.Helper()
	const reach = 50
	offsets := func(n int) Offsets {
		at := make([]int32, n)
		for i := range at {
			at[i] = int32(rng.IntN(reach))
		}
		o, err := NewOffsets(at)
		require.NoError(t, err)
		return o
	}
	draw := func(x []F) []F {
		for i := range x {
			x[i] = F(rng.NormFloat64())
			if c.exact {
				x[i] = F(rng.IntN(9) - 4)
			}
		}
		return x
	}
	rows, steps := offsets(c.m), offsets(c.k)
	need := 0
	if c.m > 0 && c.k > 0 {
		need = rows.largest + steps.largest + 1
	}
	a, b := draw(alloc(need)), draw(make([]F, c.k*c.n))
	pack, err := PlanGemm[F](isa, GemmShape{M: c.m, N: c.n, K: c.k, A: Strides{c.k, 1}, B: Strides{c.n, 1}, LDC: c.n})
	require.NoError(t, err)
	g := NewImplicitGemm[F](isa, c.n)
	require.Equal(t, pack.PackedWidth(), g.Width())
	packed := alloc(pack.PackedB())
	require.NoError(t, pack.PackB(packed, b))
	whole := make([]F, c.m*c.k)
	for i, row := range rows.at {
		for k, step := range steps.at {
			whole[i*c.k+k] = a[row+step]
		}
	}
	for p := range g.Panels() {
		out := draw(alloc(c.m * g.Width()))
		matrix := make([]F, c.m*c.n)
		for i := range c.m {
			copy(matrix[i*c.n+p*g.Width():][:g.Columns(p)], out[i*g.Width():])
		}
		want := gemmChain(pack.shape, GemmArgs[F]{A: whole, B: b, C: matrix, Accumulate: c.accumulate})
		panel := packed[p*g.Width()*c.k:][:g.Width()*c.k]
		require.NoError(t, g.Run(p, ImplicitArgs[F]{A: a, Rows: rows, Steps: steps, B: panel, C: out, Accumulate: c.accumulate}))
		for i := range c.m {
			for j := range g.Columns(p) {
				v, got := want[i*c.n+p*g.Width()+j], out[i*g.Width()+j]
				ok := sameNumber(v, got)
				if isa == Plain && !c.exact {
					ok = math.Abs(float64(v)-float64(got)) <= 1e-5*float64(c.k+1)*max(1, math.Abs(float64(v)))
				}
				if !ok {
					require.Fail(t, "wrong element", "%s %+v, panel %d at (%d,%d): want %v, got %v", isa, c, p, i, j, v, got)
				}
			}
		}
	}
}

func TestImplicitGemmEqualsTheProductOfItsMatrix(t *testing.T) {
	t.Run("float32", testImplicitGemm[float32])
	t.Run("float64", testImplicitGemm[float64])
}

func testImplicitGemm[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 14))
	plain := func(n int) []F { return make([]F, n) }
	for _, isa := range Supported() {
		for m := range 24 {
			for _, n := range []int{1, 3, 4, 5, 8, 9, 16, 17, 32, 33, 50} {
				checkImplicit(t, implicitCase{m: m, n: n, k: rng.IntN(40), accumulate: rng.IntN(2) == 0}, isa, rng, plain)
			}
		}
		checkImplicit(t, implicitCase{m: 7, n: 9, k: 2*gemmMaxK + 5}, isa, rng, plain)
		checkImplicit(t, implicitCase{m: 7, n: 9, k: 0, accumulate: true}, isa, rng, plain)
	}
}

func TestImplicitGemmStaysInsideItsOperands(t *testing.T) {
	t.Run("float32", testImplicitStaysInside[float32])
	t.Run("float64", testImplicitStaysInside[float64])
}

func testImplicitStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	rng := rand.New(rand.NewPCG(7, 9))
	for _, atEnd := range []bool{true, false} {
		for _, isa := range Supported() {
			for i := range 60 {
				t.Run(fmt.Sprint(isa, atEnd, i), func(t *testing.T) {
					c := implicitCase{m: 1 + rng.IntN(25), n: 1 + rng.IntN(40), k: 1 + rng.IntN(30), accumulate: i%2 == 0}
					checkImplicit(t, c, isa, rng, func(n int) []F { return fenced[F](t, n, atEnd) })
				})
			}
		}
	}
}

func TestImplicitGemmRejectsShortOperands(t *testing.T) {
	offsets := func(at ...int32) Offsets {
		o, err := NewOffsets(at)
		require.NoError(t, err)
		return o
	}
	_, err := NewOffsets([]int32{1, -2})
	require.ErrorContains(t, err, "an offset of -2")
	for _, isa := range Supported() {
		g := NewImplicitGemm[float64](isa, 5)
		w := g.Width()
		good := ImplicitArgs[float64]{
			A: make([]float64, 8), Rows: offsets(0, 4, 2), Steps: offsets(3, 0),
			B: make([]float64, 2*w), C: make([]float64, 3*w),
		}
		require.NoError(t, g.Run(0, good))
		require.ErrorContains(t, g.Run(g.Panels(), good), "panel")
		bad := good
		bad.A = bad.A[:7]
		require.ErrorContains(t, g.Run(0, bad), "a has 7 elements, want 8")
		bad = good
		bad.B = bad.B[1:]
		require.ErrorContains(t, g.Run(0, bad), "panel of b")
		bad = good
		bad.C = bad.C[1:]
		require.ErrorContains(t, g.Run(0, bad), "panel of c")
	}
}

func FuzzImplicitGemm(f *testing.F) {
	f.Add(uint64(1), uint8(14), uint8(32), uint8(16), true)
	f.Add(uint64(2), uint8(1), uint8(9), uint8(0), false)
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k uint8, accumulate bool) {
		rng := rand.New(rand.NewPCG(seed, 0))
		for _, isa := range Supported() {
			c := implicitCase{m: int(m), n: 1 + int(n), k: int(k), accumulate: accumulate, exact: isa == Plain}
			checkImplicit(t, c, isa, rng, func(n int) []float32 { return make([]float32, n) })
			checkImplicit(t, c, isa, rng, func(n int) []float64 { return make([]float64, n) })
		}
	})
}
