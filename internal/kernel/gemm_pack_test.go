package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// packedPlan returns the plan of a [m,k] times b [k,n], where b is stored by rows or by
// columns.
func packedPlan[F Float](t *testing.T, isa ISA, m, n, k int, byColumns bool) Gemm[F] {
	b := Strides{n, 1}
	if byColumns {
		b = Strides{1, k}
	}
	g, err := PlanGemm[F](isa, GemmShape{M: m, N: n, K: k, A: Strides{k, 1}, B: b, LDC: n})
	require.NoError(t, err)
	return g
}

func TestPackingRowsOneAfterAnotherPacksB(t *testing.T) {
	t.Run("float32", testPackingRowsInTurn[float32])
	t.Run("float64", testPackingRowsInTurn[float64])
}

func testPackingRowsInTurn[F Float](t *testing.T) {
	const m, n, k = 5, 45, 70
	rng := rand.New(rand.NewPCG(9, 9))
	_, a := gemmMatrix[F](rng, m, k, Strides{k, 1}, 0, false)
	_, b := gemmMatrix[F](rng, k, n, Strides{n, 1}, 0, false)
	for _, isa := range Supported() {
		for _, byColumns := range []bool{false, true} {
			g := packedPlan[F](t, isa, m, n, k, byColumns)
			step := g.shape.B.Row
			run := func(cuts ...int) []F {
				packed, c := make([]F, g.PackedB()), make([]F, m*n)
				for i, from := range cuts {
					to := k
					if i+1 < len(cuts) {
						to = cuts[i+1]
					}
					require.NoError(t, g.PackBRows(packed, b[from*step:], from, to-from))
				}
				require.NoError(t, g.Run(GemmArgs[F]{A: a, PackedB: packed, C: c}, make([]F, g.Scratch())))
				return c
			}
			want := run(0)
			require.Equal(t, want, run(0, 1, 1, 33, 40), isa)
			require.Equal(t, want, run(0, 16, 32, 48, 64), isa)
			require.ErrorContains(t, g.PackBRows(make([]F, g.PackedB()), b, k-1, 2), "packing 2 rows from row 69 on")
			require.ErrorContains(t, g.PackBRows(nil, b, 0, 1), "into 0 elements")
			require.ErrorContains(t, g.PackBRows(make([]F, g.PackedB()), b[:3], 0, 1), "b [1,45] has 3 elements")
		}
	}
}

func TestAPlanMayReadTheFirstRowsOfPackedB(t *testing.T) {
	t.Run("float32", testFirstRowsAlone[float32])
	t.Run("float64", testFirstRowsAlone[float64])
}

func testFirstRowsAlone[F Float](t *testing.T) {
	const m, k, packedK = 20, 37, 60
	rng := rand.New(rand.NewPCG(9, 9))
	for _, isa := range Supported() {
		for _, n := range []int{1, 16, 33, 100, 300} {
			_, a := gemmMatrix[F](rng, m, k, Strides{k, 1}, 0, false)
			_, b := gemmMatrix[F](rng, packedK, n, Strides{n, 1}, 0, false)
			whole, g := packedPlan[F](t, isa, m, n, packedK, false), packedPlan[F](t, isa, m, n, k, false)
			packed := make([]F, whole.PackedB())
			require.NoError(t, whole.PackB(packed, b))
			scratch := make([]F, g.Scratch())
			want, got := make([]F, m*n), make([]F, m*n)
			require.NoError(t, g.Run(GemmArgs[F]{A: a, B: b, C: want}, scratch))
			x := GemmArgs[F]{A: a, PackedB: packed, PackedK: packedK, C: got}
			require.NoError(t, g.Run(x, scratch))
			require.Equal(t, want, got, "%s, %d columns", isa, n)
			x.PackedB = packed[:len(packed)-(packedK-k)*g.PackedWidth()-1]
			require.ErrorContains(t, g.Run(x, scratch), "packed b")
			x.PackedK = k - 1
			require.ErrorContains(t, g.Run(x, scratch), "b packed with 36 rows, want at least 37")
		}
	}
}
