package kernel

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTransposeWritesOnlyTheMatrix(t *testing.T) {
	t.Run("float32", testTranspose[float32])
	t.Run("float64", testTranspose[float64])
}

func testTranspose[F Float](t *testing.T) {
	sizes := []int{1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 130, 150}
	for _, isa := range Supported() {
		transpose := Transpose[F](isa)
		for _, rows := range sizes {
			for _, cols := range sizes {
				dstStep, srcStep := cols+3, rows+2
				src, dst := make([]F, (cols-1)*srcStep+rows), make([]F, (rows-1)*dstStep+cols)
				want := make([]F, len(dst))
				for i := range src {
					src[i] = F(i + 1)
				}
				for i := range rows {
					for j := range cols {
						want[i*dstStep+j] = src[j*srcStep+i]
					}
				}
				transpose(dst, dstStep, src, srcStep, rows, cols)
				require.Equal(t, want, dst, fmt.Sprint(isa, " ", rows, "x", cols))
			}
		}
	}
}

func BenchmarkTranspose(b *testing.B) {
	const rows, cols = 784, 500
	src, dst := make([]float64, rows*cols), make([]float64, rows*cols)
	for _, isa := range Supported() {
		transpose := Transpose[float64](isa)
		b.Run(string(isa), func(b *testing.B) {
			for b.Loop() {
				transpose(dst, cols, src, rows, rows, cols)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows*cols), "ns/number")
		})
	}
}
