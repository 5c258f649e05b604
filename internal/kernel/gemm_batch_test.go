package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// batchCase is a batch of products to check, with gaps between the matrices.
type batchCase struct {
	shape   GemmShape
	a, b, c []int
	ends    [3]int // the lengths of the arrays
}

// newBatchCase draws a batch. The matrices of an operand lie one after another, or side
// by side in wide rows, like heads.
func newBatchCase(rng *rand.Rand, m, n, k, products int) batchCase {
	x := batchCase{shape: GemmShape{M: m, N: n, K: k}}
	place := func(i, rows, cols int, s *Strides) (at []int) {
		heads, gap := rng.IntN(2) == 0, rng.IntN(4)
		for p := range products {
			if heads {
				*s = Strides{products*cols + gap, 1}
				at = append(at, p*cols)
			} else {
				*s = Strides{cols + gap%2, 1}
				at = append(at, p*(rows*(cols+gap%2)+gap))
			}
		}
		x.ends[i] = at[products-1] + (rows-1)*s.Row + cols
		return at
	}
	transposed := func(i, rows, cols int, s *Strides) []int {
		if rng.IntN(2) == 0 {
			return place(i, rows, cols, s)
		}
		at := place(i, cols, rows, s)
		s.Row, s.Col = s.Col, s.Row
		return at
	}
	var c Strides
	x.a, x.b, x.c = transposed(0, m, k, &x.shape.A), transposed(1, k, n, &x.shape.B), place(2, m, n, &c)
	x.shape.LDC = c.Row
	return x
}

func TestABatchEqualsItsProducts(t *testing.T) {
	t.Run("float32", testBatch[float32])
	t.Run("float64", testBatch[float64])
}

func testBatch[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, isa := range Supported() {
		for i := range 400 {
			m, n, k, products := 1+rng.IntN(40), 1+rng.IntN(70), 1+rng.IntN(40), 1+rng.IntN(5)
			switch i % 10 {
			case 0:
				m, n, k = 28, 28, 32
			case 1:
				m, n, k = 28, 32, 28
			case 2:
				m, n, k = 150+rng.IntN(50), 100+rng.IntN(50), 100+rng.IntN(50) // not small
			}
			c := newBatchCase(rng, m, n, k, products)
			g, err := PlanGemmBatch[F](isa, c.shape, c.a, c.b, c.c)
			require.NoError(t, err)
			require.Equal(t, products, g.Len())
			var x BatchArgs[F]
			for i, to := range []*[]F{&x.A, &x.B, &x.C} {
				_, *to = gemmNumbers[F](rng, c.ends[i], rng.IntN(9), isa == Plain, func(mark func(int)) {
					for j := range c.ends[i] {
						mark(j)
					}
				})
			}
			want := append([]F(nil), x.C...)
			from := rng.IntN(products)
			to := from + 1 + rng.IntN(products-from)
			for p := from; p < to; p++ {
				copy(want[c.c[p]:], gemmChain(c.shape, GemmArgs[F]{A: x.A[c.a[p]:], B: x.B[c.b[p]:], C: want[c.c[p]:]}))
			}
			require.NoError(t, g.Run(from, to, x, make([]F, g.Scratch())))
			require.Equal(t, want, x.C, "%s: products %d to %d of %+v", isa, from, to, c)
		}
	}
}

func TestABatchRejectsInvalidArguments(t *testing.T) {
	s := GemmShape{M: 2, N: 3, K: 4, A: Strides{4, 1}, B: Strides{3, 1}, LDC: 3}
	_, err := PlanGemmBatch[float32](Plain, s, []int{0}, []int{0, 1}, []int{0})
	require.ErrorContains(t, err, "1 places of a, 2 of b and 1 of c")
	_, err = PlanGemmBatch[float32](Plain, s, []int{0}, []int{-1}, []int{0})
	require.ErrorContains(t, err, "a matrix at -1")
	for _, isa := range Supported() {
		g, err := PlanGemmBatch[float32](isa, s, []int{0, 8}, []int{0, 12}, []int{0, 6})
		require.NoError(t, err)
		full := BatchArgs[float32]{A: make([]float32, 16), B: make([]float32, 24), C: make([]float32, 12)}
		scratch := make([]float32, g.Scratch())
		require.NoError(t, g.Run(0, 2, full, scratch))
		require.NoError(t, g.Run(0, 0, full, scratch))
		require.ErrorContains(t, g.Run(1, 3, full, scratch), "products 1 to 3 of 2")
		for i, want := range []string{"matrices a end at 16 in 15 elements", "matrices b end at 24 in 23 elements", "a result from 6 to 12 in elements 0 to 11"} {
			x := full
			of := []*[]float32{&x.A, &x.B, &x.C}[i]
			*of = (*of)[:len(*of)-1]
			require.ErrorContains(t, g.Run(0, 2, x, scratch), want)
		}
		part := full
		part.C, part.CFrom = full.C[6:], 6
		require.NoError(t, g.Run(1, 2, part, scratch))
		require.ErrorContains(t, g.Run(0, 2, part, scratch), "a result from 0 to 6 in elements 6 to 12")
		if isa != Plain {
			require.ErrorContains(t, g.Run(0, 2, full, nil), "scratch of 0 elements")
		}
	}
}

func TestABatchAllocatesNothing(t *testing.T) {
	for _, isa := range Supported() {
		c := newBatchCase(rand.New(rand.NewPCG(1, 1)), 28, 28, 32, 8)
		g, err := PlanGemmBatch[float32](isa, c.shape, c.a, c.b, c.c)
		require.NoError(t, err)
		x := BatchArgs[float32]{A: make([]float32, c.ends[0]), B: make([]float32, c.ends[1]), C: make([]float32, c.ends[2])}
		scratch := make([]float32, g.Scratch())
		require.Zero(t, testing.AllocsPerRun(3, func() { err = g.Run(0, 8, x, scratch) }), fmt.Sprint(isa))
		require.NoError(t, err)
	}
}
