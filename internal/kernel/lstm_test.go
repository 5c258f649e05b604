package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lstmCase is a step of some samples. The stride of a matrix is the length of its rows
// plus gap, or 0 for repeated rows.
type lstmCase[F Float] struct {
	rows, units, offset, gap int
	repeated                 bool // Add, CPrev, DOut and Sum have one repeated row
	number                   func(*rand.Rand) F
}

// guardedRows is a matrix with guards around it and between its rows.
type guardedRows[F Float] struct {
	Rows[F]
	whole []F
}

func (c lstmCase[F]) matrix(r *rand.Rand, columns int, repeated bool) guardedRows[F] {
	stride := columns + c.gap
	if repeated && c.repeated {
		stride = 0
	}
	n := (c.rows-1)*stride + columns
	whole, part := operand(r, n, c.offset, c.number)
	for i := range part {
		if stride > 0 && i%stride >= columns {
			part[i] = vectorGuard
		}
	}
	return guardedRows[F]{Rows[F]{part, stride}, whole}
}

func (c lstmCase[F]) forward(r *rand.Rand) (x *LSTMForward[F], results []*Rows[F], whole [][]F) {
	n := c.units
	x = &LSTMForward[F]{Rows: c.rows, Units: n, Z: c.matrix(r, 4*n, false).Rows, Add: c.matrix(r, 4*n, true).Rows, CPrev: c.matrix(r, n, true).Rows}
	for _, m := range []struct {
		to      *Rows[F]
		columns int
	}{{&x.Acts, 4 * n}, {&x.C, n}, {&x.H, n}, {&x.H2, n}} {
		g := c.matrix(r, m.columns, false)
		*m.to = g.Rows
		results, whole = append(results, m.to), append(whole, g.whole)
	}
	return x, results, whole
}

// requireTwin runs two kernels on the same numbers and compares all results, guards
// included.
func (c lstmCase[F]) requireTwin(t *testing.T, want, got LSTM[F]) {
	t.Helper()
	run := func(k LSTM[F]) (out []F) {
		r := rand.New(rand.NewPCG(3, uint64(c.rows*1000+c.units)))
		x, _, whole := c.forward(r)
		require.NoError(t, k.Forward(*x))
		y := LSTMBackward[F]{Rows: c.rows, Units: c.units, Acts: c.matrix(r, 4*c.units, false).Rows,
			C: c.matrix(r, c.units, false).Rows, CPrev: c.matrix(r, c.units, true).Rows,
			DOut: c.matrix(r, c.units, true).Rows, DH: c.matrix(r, c.units, false).Rows}
		dc, dz, sum := c.matrix(r, c.units, false), c.matrix(r, 4*c.units, false), c.matrix(r, 4*c.units, true)
		y.DC, y.DZ, y.Sum = dc.Rows, dz.Rows, sum.Rows
		require.NoError(t, k.Backward(y))
		for _, w := range append(whole, dc.whole, dz.whole, sum.whole) {
			out = append(out, w...)
		}
		return out
	}
	a, b := run(want), run(got)
	requireSame(t, a, b, a)
}

func TestLSTMAssemblyEqualsItsTwin(t *testing.T) {
	t.Run("float32", testLSTMTwin[float32])
	t.Run("float64", testLSTMTwin[float64])
}

func testLSTMTwin[F Float](t *testing.T) {
	small := func(r *rand.Rand) F { return F(r.NormFloat64()) }
	for _, isa := range assembly(t) {
		for _, number := range []func(*rand.Rand) F{small, oneOf[F]} {
			for units := range 70 {
				for _, rows := range []int{1, 2, 5} {
					c := lstmCase[F]{rows: rows, units: units + 1, offset: (units + rows) % 5, gap: units % 3, repeated: rows == 5, number: number}
					t.Run(fmt.Sprintf("%s/%dx%d", isa, rows, units+1), func(t *testing.T) {
						c.requireTwin(t, LSTMFor[F](Plain), LSTMFor[F](isa))
					})
				}
			}
			lstmCase[F]{rows: 3, units: 131, gap: 16, number: number}.requireTwin(t, LSTMFor[F](Plain), LSTMFor[F](isa))
		}
	}
}

func TestLSTMRejectsSmallMatrices(t *testing.T) {
	t.Run("float32", testLSTMRejects[float32])
	t.Run("float64", testLSTMRejects[float64])
}

func testLSTMRejects[F Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	c := lstmCase[F]{rows: 3, units: 5, number: oneOf[F]}
	for _, isa := range Supported() {
		for i := range 4 {
			x, results, whole := c.forward(r)
			results[i].Data = results[i].Data[:len(results[i].Data)-1]
			before := append([]F(nil), whole[i]...)
			require.ErrorContains(t, LSTMFor[F](isa).Forward(*x), "elements with a row stride")
			requireSame(t, before, whole[i], before)
		}
		require.ErrorContains(t, LSTMFor[F](isa).Forward(LSTMForward[F]{Rows: -1, Units: 5}), "neither may be negative")
		require.ErrorContains(t, LSTMFor[F](isa).Backward(LSTMBackward[F]{Rows: 1, Units: 5}), "lstm: matrix 0")
		require.NoError(t, LSTMFor[F](isa).Backward(LSTMBackward[F]{Units: 5}))
	}
}

func BenchmarkLSTM(b *testing.B) {
	b.Run("float32", benchmarkLSTM[float32])
	b.Run("float64", benchmarkLSTM[float64])
}

func benchmarkLSTM[F Float](b *testing.B) {
	const rows, units = 32, 128
	for _, isa := range Supported() {
		c := lstmCase[F]{rows: rows, units: units, number: func(r *rand.Rand) F { return F(r.NormFloat64()) }}
		r := rand.New(rand.NewPCG(1, 1))
		x, _, _ := c.forward(r)
		x.Add.Stride = 0
		y := LSTMBackward[F]{Rows: rows, Units: units, Acts: x.Acts, C: x.C, CPrev: x.CPrev, DOut: x.H, DH: x.H2,
			DC: c.matrix(r, units, false).Rows, DZ: c.matrix(r, 4*units, false).Rows, Sum: c.matrix(r, 4*units, false).Rows}
		y.Sum.Stride = 0
		k := LSTMFor[F](isa)
		for name, run := range map[string]func() error{
			"forward":  func() error { return k.Forward(*x) },
			"backward": func() error { return k.Backward(y) },
		} {
			b.Run(fmt.Sprintf("%s/%s", isa, name), func(b *testing.B) {
				b.ReportAllocs()
				best := time.Hour
				for b.Loop() {
					from := time.Now()
					if err := run(); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(from))
				}
				b.ReportMetric(float64(best.Nanoseconds())/(rows*units)*16, "ns/16cells")
			})
		}
	}
}
