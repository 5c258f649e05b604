package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGemmEqualsItsDefinition(t *testing.T) {
	ks := []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 67}
	for _, isa := range Supported() {
		for la, a := range gemmLayouts {
			for lb, b := range gemmLayouts {
				t.Run(fmt.Sprintf("%s/a %s, b %s", isa, a.name, b.name), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(la), uint64(lb)))
					for i := range 30 {
						m, n, k := 1+rng.IntN(31), 1+rng.IntN(70), ks[rng.IntN(len(ks))]
						if i%10 == 0 {
							m, n = 1+rng.IntN(4), 60+rng.IntN(200) // few rows: the wide tiles
						}
						gemmCase{
							GemmShape: GemmShape{M: m, N: n, K: k, A: a.strides(m, k), B: b.strides(k, n), LDC: n + rng.IntN(2)*rng.IntN(9)},
							offset:    rng.IntN(17), accumulate: rng.IntN(2) == 0, bias: rng.IntN(2) == 0, relu: rng.IntN(2) == 0,
							pack: rng.IntN(3) == 0, parts: 1 + rng.IntN(4), exact: i%2 == 0,
						}.check(t, isa, rng)
					}
				})
			}
		}
	}
}

func TestEveryTileHeightAndWidth(t *testing.T) {
	for _, isa := range Supported() {
		rng := rand.New(rand.NewPCG(1, 2))
		for m := 1; m <= 17; m++ {
			for n := 0; n <= 67; n++ {
				gemmCase{
					GemmShape: GemmShape{M: m, N: n, K: 5, A: Strides{5, 1}, B: Strides{n, 1}, LDC: n + 1},
					offset:    n % 7, bias: true, relu: m%2 == 0, accumulate: n%2 == 0, parts: 1, exact: n%3 == 0,
				}.check(t, isa, rng)
			}
		}
	}
}

func TestGemmOfManyBlocks(t *testing.T) {
	cases := []GemmShape{
		{M: 16, N: 40, K: 2*gemmMaxK + 70, A: Strides{2*gemmMaxK + 70, 1}, B: Strides{40, 1}, LDC: 40},
		{M: 40, N: 35, K: gemmMaxK + 1, A: Strides{1, 40}, B: Strides{1, gemmMaxK + 1}, LDC: 35},
		{M: 2*gemmMaxRows + 3, N: 35, K: 9, A: Strides{9, 1}, B: Strides{512, 1}, LDC: 35},
		{M: gemmMaxRows + 10, N: 70, K: 17, A: Strides{gemmAliasA / 4, 1}, B: Strides{gemmAliasB / 4, 1}, LDC: 70},
		{M: 2, N: 300, K: gemmMaxK + 3, A: Strides{gemmMaxK + 3, 1}, B: Strides{300, 1}, LDC: 300},
	}
	for _, isa := range Supported() {
		for _, s := range cases {
			for _, pack := range []bool{false, true} {
				gemmCase{GemmShape: s, parts: 3, pack: pack, bias: true, relu: true}.check(t, isa, rand.New(rand.NewPCG(3, 4)))
			}
		}
	}
}

func TestPartsCoverEveryElementOnce(t *testing.T) {
	for _, isa := range Supported() {
		for _, shape := range [][2]int{{1, 1}, {64, 100}, {3, 300}, {300, 3}, {128, 10}, {0, 5}, {5, 0}} {
			for parts := 1; parts <= 9; parts++ {
				m, n := shape[0], shape[1]
				g, err := PlanGemm[float32](isa, GemmShape{M: m, N: n, K: 3, A: Strides{3, 1}, B: Strides{n, 1}, LDC: n})
				require.NoError(t, err)
				seen := make([]int, m*n)
				for p := range parts {
					blk := g.Part(p, parts)
					for i := blk.Row0; i < blk.Row1; i++ {
						for j := blk.Col0; j < blk.Col1; j++ {
							seen[i*n+j]++
						}
					}
				}
				once := slices.Repeat([]int{1}, m*n)
				require.Equal(t, once, seen, "%s [%d,%d] in %d parts", isa, m, n, parts)
			}
		}
	}
}

func TestAccumulatingPiecesOfKHasTheBitsOfOneProduct(t *testing.T) {
	t.Run("float32", testAccumulatingPieces[float32])
	t.Run("float64", testAccumulatingPieces[float64])
}

func testAccumulatingPieces[F Float](t *testing.T) {
	const m, n, k, cut = 29, 45, 100, 37
	rng := rand.New(rand.NewPCG(5, 6))
	_, a := gemmMatrix[F](rng, m, k, Strides{k, 1}, 0, false)
	_, b := gemmMatrix[F](rng, k, n, Strides{n, 1}, 0, false)
	for _, isa := range Supported() {
		run := func(c, a, b []F, k int, accumulate bool) {
			g, err := PlanGemm[F](isa, GemmShape{M: m, N: n, K: k, A: Strides{100, 1}, B: Strides{n, 1}, LDC: n})
			require.NoError(t, err)
			require.NoError(t, g.Run(GemmArgs[F]{A: a, B: b, C: c, Accumulate: accumulate}, make([]F, g.Scratch())))
		}
		whole, pieces := make([]F, m*n), make([]F, m*n)
		run(whole, a, b, k, false)
		run(pieces, a, b, cut, false)
		run(pieces, a[cut:], b[cut*n:], k-cut, true)
		require.Equal(t, whole, pieces, isa)
	}
}

func TestGemmPropagatesNaNAndInfinity(t *testing.T) {
	t.Run("float32", testGemmPropagatesNaN[float32])
	t.Run("float64", testGemmPropagatesNaN[float64])
}

func testGemmPropagatesNaN[F Float](t *testing.T) {
	inf, nan, most := F(math.Inf(1)), F(math.NaN()), F(math.MaxFloat32)
	if gemmSize[F]() == 8 {
		big := math.MaxFloat64
		most = F(big)
	}
	cases := []struct {
		name    string
		a, b, c F
		relu    bool
	}{
		{"NaN in a", nan, 1, nan, false}, {"NaN in b", 1, nan, nan, false}, {"NaN through ReLU", nan, 1, nan, true},
		{"zero times infinity", 0, inf, nan, false}, {"infinity", inf, 2, inf, false},
		{"negative infinity", inf, -2, -inf, false}, {"negative infinity through ReLU", inf, -2, 0, true},
		{"overflow", most, 2, inf, false},
	}
	for _, isa := range Supported() {
		for _, c := range cases {
			for _, n := range []int{1, 5, 16, 31, 130} {
				s := GemmShape{M: 3, N: n, K: 1, A: Strides{1, 1}, B: Strides{n, 1}, LDC: n}
				g, err := PlanGemm[F](isa, s)
				require.NoError(t, err)
				b, out := make([]F, n), make([]F, 3*n)
				b[n-1] = c.b
				x := GemmArgs[F]{A: []F{0, c.a, 0}, B: b, C: out, ReLU: c.relu}
				require.NoError(t, g.Run(x, make([]F, g.Scratch())))
				require.Equal(t, fmt.Sprint(c.c), fmt.Sprint(out[2*n-1]), "%s %s, n = %d", isa, c.name, n)
			}
		}
	}
}

func TestGemmOfSmallNumbers(t *testing.T) {
	s := GemmShape{M: 3, N: 5, K: 2, A: Strides{2, 1}, B: Strides{1, 2}, LDC: 5}
	x := GemmArgs[float64]{
		A: []float64{1, 2, 3, 4, 5, 6}, B: []float64{1, 1, 2, 0, 0, 3, 1, -1, -4, 1},
		C: make([]float64, 15), Bias: []float64{0.5, 0, 0, 0, 0}, ReLU: true,
	}
	for _, isa := range Supported() {
		g, err := PlanGemm[float64](isa, s)
		require.NoError(t, err)
		x.C = make([]float64, 15)
		require.NoError(t, g.Run(x, make([]float64, g.Scratch())))
		require.Equal(t, []float64{3.5, 2, 6, 0, 0, 7.5, 6, 12, 0, 0, 11.5, 10, 18, 0, 0}, x.C, isa)
	}
}

func TestGemmRejectsInvalidArguments(t *testing.T) {
	t.Run("float32", testGemmRejects[float32])
	t.Run("float64", testGemmRejects[float64])
}

func testGemmRejects[F Float](t *testing.T) {
	good := GemmShape{M: 4, N: 20, K: 3, A: Strides{3, 1}, B: Strides{20, 1}, LDC: 20}
	shapes := []struct {
		change func(*GemmShape)
		want   string
	}{
		{func(s *GemmShape) { s.K = -1 }, "extents must not be negative"},
		{func(s *GemmShape) { s.A.Row = -3 }, "must not be negative"},
		{func(s *GemmShape) { s.LDC = 19 }, "rows of c are 19 apart, want at least 20"},
	}
	for _, c := range shapes {
		s := good
		c.change(&s)
		_, err := PlanGemm[F](Plain, s)
		require.ErrorContains(t, err, c.want)
	}
	for _, isa := range Supported() {
		g, err := PlanGemm[F](isa, good)
		require.NoError(t, err)
		full := GemmArgs[F]{A: make([]F, 12), B: make([]F, 60), C: make([]F, 80)}
		scratch := make([]F, g.Scratch())
		require.NoError(t, g.Run(full, scratch))
		args := []struct {
			change func(*GemmArgs[F])
			want   string
		}{
			{func(x *GemmArgs[F]) { x.A = x.A[:11] }, "a [4,3] has 11 elements, want 12"},
			{func(x *GemmArgs[F]) { x.B = x.B[:59] }, "b [3,20] has 59 elements, want 60"},
			{func(x *GemmArgs[F]) { x.C = x.C[:79] }, "c [4,20] has 79 elements, want 80"},
			{func(x *GemmArgs[F]) { x.Bias = make([]F, 19) }, "bias has 19 elements, want 20"},
			{func(x *GemmArgs[F]) { x.PackedB = make([]F, 3) }, "packed b [3,20] has 3 elements"},
		}
		for _, c := range args {
			x := full
			c.change(&x)
			require.ErrorContains(t, g.Run(x, scratch), c.want)
		}
		for _, blk := range []Block{{-1, 4, 0, 20}, {0, 5, 0, 20}, {3, 2, 0, 20}, {0, 4, 0, 21}} {
			require.ErrorContains(t, g.RunBlock(blk, full, scratch), "is not inside [4,20]")
		}
		require.ErrorContains(t, g.PackB(make([]F, g.PackedB()-1), full.B), "packing b [3,20]")
		require.ErrorContains(t, g.PackB(make([]F, g.PackedB()), full.B[:59]), "b [3,20] has 59 elements")
		if isa != Plain {
			require.ErrorContains(t, g.Run(full, nil), "scratch of 0 elements")
			full.PackedB = make([]F, g.PackedB())
			require.ErrorContains(t, g.RunBlock(Block{0, 4, 1, 20}, full, scratch), "read from column 1")
		}
	}
}

func TestPackingEqualsItsTwin(t *testing.T) {
	t.Run("float32", testPackingEqualsTwin[float32])
	t.Run("float64", testPackingEqualsTwin[float64])
}

func testPackingEqualsTwin[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, isa := range Supported() {
		tiles := gemmTilesFor[F](isa)
		for _, width := range []int{tiles.lanes, 2 * tiles.lanes} {
			for k := 1; k <= 67; k++ {
				n := 1 + rng.IntN(width)
				for _, s := range []Strides{{n, 1}, {n + 3, 1}, {1, k}, {1, k + 5}, {2*n + 1, 2}} {
					_, src := gemmMatrix[F](rng, k, n, s, rng.IntN(17), false)
					offset := rng.IntN(17)
					whole, dst := gemmNumbers[F](rng, k*width, offset, false, func(func(int)) {})
					tiles.packPanel(dst, width, src, s.Row, s.Col, k, n)
					want := make([]F, k*width)
					packRowsGeneric(want, width, src, s.Row, s.Col, k, n)
					for i := range k {
						require.Equal(t, want[i*width:][:n], dst[i*width:][:n], "%s: row %d of [%d,%d], strides %v", isa, i, k, n, s)
					}
					for i, v := range whole {
						if at := i - offset; (at < 0 || at >= len(dst)) && v == v {
							require.Fail(t, "written outside", "%s: [%d,%d] at %d", isa, k, width, at)
						}
					}
				}
			}
		}
	}
}

func TestGemmAllocatesNothing(t *testing.T) {
	t.Run("float32", testGemmAllocatesNothing[float32])
	t.Run("float64", testGemmAllocatesNothing[float64])
}

func testGemmAllocatesNothing[F Float](t *testing.T) {
	for _, isa := range Supported() {
		for _, layout := range []string{"NN", "NT", "TN"} {
			g, err := PlanGemm[F](isa, gemmLayout(layout, 50, 70, 600))
			require.NoError(t, err)
			x := GemmArgs[F]{A: make([]F, 50*600), B: make([]F, 600*70), C: make([]F, 50*70)}
			scratch := make([]F, g.Scratch())
			require.Zero(t, testing.AllocsPerRun(3, func() { err = g.Run(x, scratch) }), "%s %s", isa, layout)
			require.NoError(t, err)
		}
	}
}
