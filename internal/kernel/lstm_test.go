package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lstmCase is a step of some samples: strides are as wide as a row needs plus
// apart, or 0 where the letter of the matrix is in repeated.
type lstmCase struct {
	rows, units, offset, apart int
	repeated                   bool // Add, CPrev, DOut and Sum are one row
	number                     func(*rand.Rand) float32
}

// guardedRows is a matrix with guards around it and between its rows.
type guardedRows struct {
	Rows[float32]
	whole []float32
}

func (c lstmCase) matrix(r *rand.Rand, columns int, repeated bool) guardedRows {
	stride := columns + c.apart
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
	return guardedRows{Rows[float32]{part, stride}, whole}
}

func (c lstmCase) forward(r *rand.Rand) (x *LSTMForward[float32], results []*Rows[float32], whole [][]float32) {
	n := c.units
	x = &LSTMForward[float32]{Rows: c.rows, Units: n, Z: c.matrix(r, 4*n, false).Rows, Add: c.matrix(r, 4*n, true).Rows, CPrev: c.matrix(r, n, true).Rows}
	for _, m := range []struct {
		to      *Rows[float32]
		columns int
	}{{&x.Acts, 4 * n}, {&x.C, n}, {&x.H, n}, {&x.H2, n}} {
		g := c.matrix(r, m.columns, false)
		*m.to = g.Rows
		results, whole = append(results, m.to), append(whole, g.whole)
	}
	return x, results, whole
}

// requireTwin runs two kernels on the same numbers and compares everything they
// may have written, guards included.
func (c lstmCase) requireTwin(t *testing.T, want, got LSTM[float32]) {
	t.Helper()
	run := func(k LSTM[float32]) (out []float32) {
		r := rand.New(rand.NewPCG(3, uint64(c.rows*1000+c.units)))
		x, _, whole := c.forward(r)
		require.NoError(t, k.Forward(*x))
		y := LSTMBackward[float32]{Rows: c.rows, Units: c.units, Acts: c.matrix(r, 4*c.units, false).Rows,
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

func TestLSTMAssemblyEqualsItsGenericTwin(t *testing.T) {
	small := func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }
	for _, isa := range assembly(t) {
		for _, number := range []func(*rand.Rand) float32{small, oneOf} {
			for units := range 70 {
				for _, rows := range []int{1, 2, 5} {
					c := lstmCase{rows: rows, units: units + 1, offset: (units + rows) % 5, apart: units % 3, repeated: rows == 5, number: number}
					t.Run(fmt.Sprintf("%s/%dx%d", isa, rows, units+1), func(t *testing.T) {
						c.requireTwin(t, LSTMFor[float32](Plain), LSTMFor[float32](isa))
					})
				}
			}
			lstmCase{rows: 3, units: 131, apart: 16, number: number}.requireTwin(t, LSTMFor[float32](Plain), LSTMFor[float32](isa))
		}
	}
}

func TestLSTMRefusesMatricesThatAreTooSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	c := lstmCase{rows: 3, units: 5, number: oneOf}
	for _, isa := range Supported() {
		for i := range 4 {
			x, results, whole := c.forward(r)
			results[i].Data = results[i].Data[:len(results[i].Data)-1]
			before := append([]float32(nil), whole[i]...)
			require.ErrorContains(t, LSTMFor[float32](isa).Forward(*x), "elements with rows")
			requireSame(t, before, whole[i], before)
		}
		require.ErrorContains(t, LSTMFor[float32](isa).Forward(LSTMForward[float32]{Rows: -1, Units: 5}), "neither negative")
		require.ErrorContains(t, LSTMFor[float32](isa).Backward(LSTMBackward[float32]{Rows: 1, Units: 5}), "lstm: matrix 0")
		require.NoError(t, LSTMFor[float32](isa).Backward(LSTMBackward[float32]{Units: 5}))
	}
}

func BenchmarkLSTM(b *testing.B) {
	const rows, units = 32, 128
	for _, isa := range Supported() {
		c := lstmCase{rows: rows, units: units, number: func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }}
		r := rand.New(rand.NewPCG(1, 1))
		x, _, _ := c.forward(r)
		x.Add.Stride = 0
		y := LSTMBackward[float32]{Rows: rows, Units: units, Acts: x.Acts, C: x.C, CPrev: x.CPrev, DOut: x.H, DH: x.H2,
			DC: c.matrix(r, units, false).Rows, DZ: c.matrix(r, 4*units, false).Rows, Sum: c.matrix(r, 4*units, false).Rows}
		y.Sum.Stride = 0
		k := LSTMFor[float32](isa)
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
