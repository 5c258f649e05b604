package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// packedPlan returns the plan of a [m,k] times b [k,n], which lies by rows or by columns.
func packedPlan(t *testing.T, isa ISA, m, n, k int, byColumns bool) Gemm {
	b := Strides{n, 1}
	if byColumns {
		b = Strides{1, k}
	}
	g, err := PlanGemm(isa, GemmShape{M: m, N: n, K: k, A: Strides{k, 1}, B: b, LDC: n})
	require.NoError(t, err)
	return g
}

func TestPackingRowsOfBInTurnIsPackingB(t *testing.T) {
	const m, n, k = 5, 45, 70
	rng := rand.New(rand.NewPCG(9, 9))
	_, a := gemmMatrix(rng, m, k, Strides{k, 1}, 0, false)
	_, b := gemmMatrix(rng, k, n, Strides{n, 1}, 0, false)
	for _, isa := range Supported() {
		for _, byColumns := range []bool{false, true} {
			g := packedPlan(t, isa, m, n, k, byColumns)
			step := g.shape.B.Row
			run := func(cuts ...int) []float32 {
				packed, c := make([]float32, g.PackedB()), make([]float32, m*n)
				for i, from := range cuts {
					to := k
					if i+1 < len(cuts) {
						to = cuts[i+1]
					}
					require.NoError(t, g.PackBRows(packed, b[from*step:], from, to-from))
				}
				require.NoError(t, g.Run(GemmArgs[float32]{A: a, PackedB: packed, C: c}, make([]float32, g.Scratch())))
				return c
			}
			want := run(0)
			require.Equal(t, want, run(0, 1, 1, 33, 40), isa)
			require.Equal(t, want, run(0, 16, 32, 48, 64), isa)
			require.ErrorContains(t, g.PackBRows(make([]float32, g.PackedB()), b, k-1, 2), "packing 2 rows from row 69 on")
			require.ErrorContains(t, g.PackBRows(nil, b, 0, 1), "into 0 elements")
			require.ErrorContains(t, g.PackBRows(make([]float32, g.PackedB()), b[:3], 0, 1), "b [1,45] has 3 elements")
		}
	}
}

func TestTheFirstRowsOfAPackedBCanBeUsedAlone(t *testing.T) {
	const m, k, packedK = 20, 37, 60
	rng := rand.New(rand.NewPCG(9, 9))
	for _, isa := range Supported() {
		for _, n := range []int{1, 16, 33, 100, 300} {
			_, a := gemmMatrix(rng, m, k, Strides{k, 1}, 0, false)
			_, b := gemmMatrix(rng, packedK, n, Strides{n, 1}, 0, false)
			whole, g := packedPlan(t, isa, m, n, packedK, false), packedPlan(t, isa, m, n, k, false)
			packed := make([]float32, whole.PackedB())
			require.NoError(t, whole.PackB(packed, b))
			scratch := make([]float32, g.Scratch())
			want, got := make([]float32, m*n), make([]float32, m*n)
			require.NoError(t, g.Run(GemmArgs[float32]{A: a, B: b, C: want}, scratch))
			x := GemmArgs[float32]{A: a, PackedB: packed, PackedK: packedK, C: got}
			require.NoError(t, g.Run(x, scratch))
			require.Equal(t, want, got, "%s, %d columns", isa, n)
			x.PackedB = packed[:len(packed)-(packedK-k)*g.PackedWidth()-1]
			require.ErrorContains(t, g.Run(x, scratch), "packed b")
			x.PackedK = k - 1
			require.ErrorContains(t, g.Run(x, scratch), "b packed with 36 rows, want at least 37")
		}
	}
}
