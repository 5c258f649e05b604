package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lookupOps returns the kernels of an instruction set, each as a function that computes
// dst from x and numbers. dst is [count,n]; at has 5*count numbers or more, and as many as x [rows,n] has rows.
func lookupOps[F Float](l Lookup[F]) map[string]func(dst, x, at []F, rows, n, count int) {
	return map[string]func(dst, x, at []F, rows, n, count int){
		"rows":  func(dst, x, at []F, rows, n, count int) { l.Rows(dst, x, at[:count], rows, n) },
		"sums":  func(dst, x, at []F, rows, n, count int) { l.RowSums(dst, x, at[:2*count], rows, n, 2) },
		"sums5": func(dst, x, at []F, rows, n, count int) { l.RowSums(dst, x, at[:5*(count/5)], rows, n, 5) },
		"add": func(dst, x, at []F, rows, n, count int) {
			first := rows / 3
			clear(dst)
			l.AddRows(dst[:min(count, rows-first)*n], x, at[:rows], rows, first, n)
		},
		"elements": func(dst, x, at []F, rows, n, count int) {
			rows = min(rows, count)
			k := min(n, 2*count/rows)
			l.Elements(dst[:rows*k], x, at, rows, n, k)
		},
		"add elements": func(dst, x, at []F, rows, n, count int) {
			rows = min(rows, count)
			k := max(1, min(n, 2*count/rows))
			clear(dst)
			l.AddElements(dst, x, at, rows, n, k)
		},
	}
}

// lookupNumbers returns numbers of rows, some of which name none.
func lookupNumbers[F Float](r *rand.Rand, count, rows int) []F {
	odd := []F{-1, F(rows), F(math.NaN()), F(math.Inf(1)), F(math.Inf(-1)), -0.25, F(math.Copysign(0, -1)), F(rows) - 0.5, 0.75, 1e18, -1e18}
	at := make([]F, count)
	for i := range at {
		at[i] = F(r.IntN(rows))
		if r.IntN(30) == 0 {
			at[i] = odd[r.IntN(len(odd))]
		}
	}
	return at
}

func TestLookupHasTheSameBitsOnAllInstructionSets(t *testing.T) {
	t.Run("float32", testLookup[float32])
	t.Run("float64", testLookup[float64])
}

func testLookup[F Float](t *testing.T) {
	const most, guard = 40, 3
	plain := lookupOps(LookupFor[F](Plain))
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		rows, n, count := 1+r.IntN(30), 1+r.IntN(140), 1+r.IntN(most)
		x, at := make([]F, rows*n), lookupNumbers[F](r, max(5*count, rows), rows)
		for i := range x {
			x[i] = F(r.NormFloat64())
		}
		for _, isa := range Supported() {
			for name, run := range lookupOps(LookupFor[F](isa)) {
				want, got := make([]F, count*n+guard), make([]F, count*n+guard)
				for i := range want {
					want[i], got[i] = 7, 7
				}
				plain[name](want[:count*n], x, at, rows, n, count)
				run(got[:count*n], x, at, rows, n, count)
				for i, v := range want {
					require.True(t, got[i] == v || v != v && got[i] != got[i],
						"%s, %s: %d of [%d,%d]: element %d is %v, want %v", isa, name, count, rows, n, i, got[i], v)
				}
			}
		}
	}
}

// The twins are compared with the definition in a case that can be read.
func TestLookup(t *testing.T) {
	nan := float32(math.NaN())
	for _, isa := range Supported() {
		l := LookupFor[float32](isa)
		x := []float32{1, 2, 3, 4, 5, 6} // [3,2]
		dst := make([]float32, 6)
		l.Rows(dst, x, []float32{2, 0, 1.5}, 3, 2)
		require.Equal(t, []float32{5, 6, 1, 2, 3, 4}, dst)
		l.RowSums(dst, x, []float32{2, 0, 1, 1, 0, 2}, 3, 2, 2)
		require.Equal(t, []float32{6, 8, 6, 8, 6, 8}, dst)
		l.RowSums(dst, x, nil, 3, 2, 0)
		require.Equal(t, make([]float32, 6), dst)
		l.AddRows(dst[:4], x, []float32{2, 0, 2}, 3, 1, 2)
		require.Equal(t, []float32{0, 0, 6, 8, 0, 0}, dst)
		l.Elements(dst, x, []float32{1, 1, 0, 1, 0, 0}, 3, 2, 2)
		require.Equal(t, []float32{2, 2, 3, 4, 5, 5}, dst)
		clear(dst)
		l.AddElements(dst, x, []float32{1, 1, 0, 2, 0, 0}, 3, 2, 2)
		require.Equal(t, []float32{0, 3, 3, 0, 11, 0}, dst)
		l.Rows(dst, x, []float32{-1, nan, 3}, 3, 2)
		for _, v := range dst {
			require.NotEqual(t, v, v)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][2]int{{512, 64}, {10000, 128}, {10000, 64}, {10000, 10}} {
		rows, n := s[0], s[1]
		const count = 128 * 28
		x, at, dst := make([]float32, rows*n), make([]float32, count), make([]float32, count*n)
		for i := range at {
			at[i] = float32(r.IntN(rows))
		}
		for _, isa := range Supported() {
			l := LookupFor[float32](isa)
			for name, run := range map[string]func(){
				"rows": func() { l.Rows(dst, x, at, rows, n) },
				"sums": func() { l.RowSums(dst, x, at, rows, n, 28) },
				"add":  func() { l.AddRows(x, dst, at, rows, 0, n) },
			} {
				benchmarkLookup(b, fmt.Sprintf("%s/%d of %dx%d/%s", name, count, rows, n, isa), run)
			}
		}
	}
	for _, s := range [][3]int{{4096, 256, 8}, {128, 12544, 32}, {512, 1024, 1024}, {4096, 256, 7}, {16, 1024, 1024}, {64, 256, 8}, {64, 256, 7}} {
		rows, n, k := s[0], s[1], s[2]
		x, at, dst := make([]float32, rows*n), make([]float32, rows*k), make([]float32, rows*k)
		for i := range at {
			at[i] = float32(r.IntN(n))
		}
		for _, isa := range Supported() {
			l := LookupFor[float32](isa)
			name := fmt.Sprintf("elements/%d of %dx%d/%s", k, rows, n, isa)
			benchmarkLookup(b, "take "+name, func() { l.Elements(dst, x, at, rows, n, k) })
			benchmarkLookup(b, "add "+name, func() { l.AddElements(x, dst, at, rows, n, k) })
		}
	}
}

func benchmarkLookup(b *testing.B, name string, run func()) {
	b.Run(name, func(b *testing.B) {
		best := time.Hour
		for b.Loop() {
			from := time.Now()
			run()
			best = min(best, time.Since(from))
		}
		b.ReportMetric(float64(best.Nanoseconds())/1e3, "best-µs")
	})
}
