package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cellCase is a step of some samples. The stride of a matrix is the length of its rows
// plus gap, or 0 for repeated rows.
type cellCase[F Float] struct {
	kind                     CellKind
	rows, units, offset, gap int
	repeated                 bool // Add, Prev, DOut and Sum have one repeated row
	number                   func(*rand.Rand) F
}

// guardedRows is a matrix with guards around it and between its rows.
type guardedRows[F Float] struct {
	Rows[F]
	whole []F
}

func (c cellCase[F]) matrix(r *rand.Rand, blocks int, repeated bool) guardedRows[F] {
	columns := blocks * c.units
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

func (c cellCase[F]) forward(r *rand.Rand) (x *CellForward[F], results []*Rows[F], whole [][]F) {
	s := cellSizes[c.kind]
	x = &CellForward[F]{
		Rows: c.rows, Units: c.units,
		Z: c.matrix(r, s.blocks, false).Rows, Add: c.matrix(r, s.blocks, true).Rows, Prev: c.matrix(r, 1, true).Rows,
	}
	for _, m := range []struct {
		to     *Rows[F]
		blocks int
	}{{&x.Saved, s.saved}, {&x.H, 1}, {&x.H2, 1}, {&x.C, s.c}} {
		if m.blocks > 0 {
			g := c.matrix(r, m.blocks, false)
			*m.to = g.Rows
			results, whole = append(results, m.to), append(whole, g.whole)
		}
	}
	return x, results, whole
}

func (c cellCase[F]) backward(r *rand.Rand) (x *CellBackward[F], whole [][]F) {
	s := cellSizes[c.kind]
	dh, dc := c.matrix(r, 1, false), c.matrix(r, 1, false)
	dz, sum := c.matrix(r, s.blocks, false), c.matrix(r, s.blocks, true)
	return &CellBackward[F]{
		Rows: c.rows, Units: c.units, Saved: c.matrix(r, s.saved, false).Rows,
		C: c.matrix(r, 1, false).Rows, Prev: c.matrix(r, 1, true).Rows, DOut: c.matrix(r, 1, true).Rows,
		DH: dh.Rows, DC: dc.Rows, DZ: dz.Rows, Sum: sum.Rows,
	}, [][]F{dh.whole, dc.whole, dz.whole, sum.whole}
}

// requireTwin runs two kernels on the same numbers and compares all results, guards
// included.
func (c cellCase[F]) requireTwin(t *testing.T, isa ISA) {
	t.Helper()
	run := func(isa ISA) (out []F) {
		k := CellFor[F](c.kind, isa)
		r := rand.New(rand.NewPCG(3, uint64(c.rows*1000+c.units)))
		x, _, whole := c.forward(r)
		require.NoError(t, k.Forward(*x))
		y, more := c.backward(r)
		require.NoError(t, k.Backward(*y))
		for _, w := range append(whole, more...) {
			out = append(out, w...)
		}
		return out
	}
	a, b := run(Plain), run(isa)
	requireSame(t, a, b, a)
}

func TestCellAssemblyEqualsItsTwin(t *testing.T) {
	t.Run("float32", testCellTwin[float32])
	t.Run("float64", testCellTwin[float64])
}

func testCellTwin[F Float](t *testing.T) {
	small := func(r *rand.Rand) F { return F(r.NormFloat64()) }
	for _, isa := range assembly(t) {
		for kind := range CellKind(cellKinds) {
			for _, number := range []func(*rand.Rand) F{small, oneOf[F]} {
				for units := range 70 {
					for _, rows := range []int{1, 2, 5} {
						c := cellCase[F]{kind: kind, rows: rows, units: units + 1, offset: (units + rows) % 5, gap: units % 3, repeated: rows == 5, number: number}
						t.Run(fmt.Sprintf("%s/%s/%dx%d", isa, cellSizes[kind].name, rows, units+1), func(t *testing.T) {
							c.requireTwin(t, isa)
						})
					}
				}
				cellCase[F]{kind: kind, rows: 3, units: 131, gap: 16, number: number}.requireTwin(t, isa)
			}
		}
	}
}

func TestCellsMayOverwriteTheStateBefore(t *testing.T) {
	for kind := range CellKind(cellKinds) {
		c := cellCase[float32]{kind: kind, rows: 3, units: 21, number: func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }}
		for _, isa := range Supported() {
			run := func(inPlace bool) *CellForward[float32] {
				x, _, _ := c.forward(rand.New(rand.NewPCG(1, 2)))
				if inPlace {
					x.H2 = x.Prev
				}
				require.NoError(t, CellFor[float32](kind, isa).Forward(*x))
				return x
			}
			want, got := run(false), run(true)
			require.Equal(t, want.H.Data, got.H.Data, "%s on %s", cellSizes[kind].name, isa)
			require.Equal(t, want.H.Data, got.H2.Data, "%s on %s", cellSizes[kind].name, isa)
		}
	}
}

func TestCellsRejectSmallMatrices(t *testing.T) {
	t.Run("float32", testCellsReject[float32])
	t.Run("float64", testCellsReject[float64])
}

func testCellsReject[F Float](t *testing.T) {
	for kind := range CellKind(cellKinds) {
		name := cellSizes[kind].name
		r := rand.New(rand.NewPCG(1, 1))
		c := cellCase[F]{kind: kind, rows: 3, units: 5, number: oneOf[F]}
		_, all, _ := c.forward(r)
		for _, isa := range Supported() {
			k := CellFor[F](kind, isa)
			for i := range all {
				x, results, whole := c.forward(r)
				results[i].Data = results[i].Data[:len(results[i].Data)-1]
				before := append([]F(nil), whole[i]...)
				require.ErrorContains(t, k.Forward(*x), "elements with a row stride")
				requireSame(t, before, whole[i], before)
			}
			require.ErrorContains(t, k.Forward(CellForward[F]{Rows: -1, Units: 5}), name+" of -1 rows and 5 units: neither may be negative")
			require.ErrorContains(t, k.Backward(CellBackward[F]{Rows: 1, Units: 5}), name+": saved of 0 elements")
			require.NoError(t, k.Backward(CellBackward[F]{Units: 5}))
		}
	}
}

func BenchmarkCells(b *testing.B) {
	b.Run("float32", benchmarkCells[float32])
	b.Run("float64", benchmarkCells[float64])
}

func benchmarkCells[F Float](b *testing.B) {
	const rows, units = 32, 128
	for kind := range CellKind(cellKinds) {
		for _, isa := range Supported() {
			c := cellCase[F]{kind: kind, rows: rows, units: units, number: func(r *rand.Rand) F { return F(r.NormFloat64()) }}
			r := rand.New(rand.NewPCG(1, 1))
			x, _, _ := c.forward(r)
			x.Add.Stride = 0
			y, _ := c.backward(r)
			y.Sum.Stride = 0
			k := CellFor[F](kind, isa)
			for name, run := range map[string]func() error{
				"forward":  func() error { return k.Forward(*x) },
				"backward": func() error { return k.Backward(*y) },
			} {
				b.Run(fmt.Sprintf("%s/%s/%s", cellSizes[kind].name, isa, name), func(b *testing.B) {
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
}
