package code

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// A call of the library computes the product that its fields describe.
func TestLargeProductsAreTheLibrarys(t *testing.T) {
	const batch, m, n, k = 2, 512, 256, 1024
	for turned := range 4 {
		t.Run(fmt.Sprint("transposed ", turned), func(t *testing.T) {
			f := lower.NewFunc(turn(turned&1 > 0, batch, m, k), turn(turned&2 > 0, batch, k, n))
			f.Return(f.MatMul(back(f, f.In(0), turned&1 > 0), back(f, f.In(1), turned&2 > 0)))
			in := inputs(f, 1)
			want, err := interp.Run(f, in...)
			require.NoError(t, err)
			p, program := programOf(t, f, graph.Float32)
			call := program.Calls[0].Product
			require.NotNil(t, call)
			require.Equal(t, RefOf(p.Values[f.Results()[0]]), call.C)
			require.Equal(t, [4]int{batch, m, n, k}, [4]int{call.Batch, call.M, call.N, call.K})
			a, b := in[call.A.Index].Data[call.A.Off:], in[call.B.Index].Data[call.B.Off:]
			for at := 0; at < batch*m*n; at += 997 { // some of the elements
				i, row, column := at/(m*n), at/n%m, at%n
				sum := 0.0
				for l := range k {
					sum += a[i*call.StrideA+stored(call.TransA, call.LdA, row, l)] * b[i*call.StrideB+stored(call.TransB, call.LdB, l, column)]
				}
				require.InDelta(t, want[0].Data[i*call.StrideC+row*call.LdC+column], sum, 1e-9)
			}
		})
	}
}

// stored is the index of a matrix's element in memory.
func stored(trans bool, ld, row, column int) int {
	if trans {
		row, column = column, row
	}
	return row*ld + column
}

func TestTheLibraryGetsOnlyLargeMatricesWithoutGaps(t *testing.T) {
	for name, f := range map[string]*lower.Func{
		"small":  gapped(256, 256, 256, 1),
		"skinny": gapped(1<<20, 64, 256, 1),
		"gaps":   gapped(1024, 1024, 1024, 2),
	} {
		_, program := programOf(t, f, graph.Float32)
		for _, c := range program.Calls {
			require.Nil(t, c.Product, name)
		}
	}
}

// gapped is a product whose A is every step-th column of a matrix.
func gapped(m, n, k, step int) *lower.Func {
	f := lower.NewFunc(lower.Shape{m, k * step}, lower.Shape{k, n})
	f.Return(f.MatMul(f.Slice(f.In(0), 1, 0, k*step, step), f.In(1)))
	return f
}
