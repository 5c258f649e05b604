package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// matmul64Step multiplies float64 matrices, batch by batch, by gonum's BLAS, a
// block at a time: of blocks this small it makes no goroutines of its own.
type matmul64Step struct {
	m, n, k      int
	a, b         operand64
	down, across int // blocks
	batches      int
	in           []lower.Array[float64]
	out          []float64
}

// operand64 is how BLAS reads an operand.
type operand64 struct {
	trans        blas.Transpose
	ld           int
	row, col     int // strides
	batchOffsets batchOffsets
}

const (
	rows64    = 64
	columns64 = 128
)

// newMatmul64 returns nil if BLAS cannot read an operand as it lies.
func newMatmul64(a, b plan.Layout, out lower.Shape) *matmul64Step {
	r := len(out)
	s := &matmul64Step{m: out[r-2], n: out[r-1], k: a.Shape[r-1], batches: out[:r-2].Size()}
	var okA, okB bool
	s.a, okA = readBLAS(a)
	s.b, okB = readBLAS(b)
	if !okA || !okB {
		return nil
	}
	s.down, s.across = (s.m+rows64-1)/rows64, (s.n+columns64-1)/columns64
	return s
}

func readBLAS(l plan.Layout) (o operand64, ok bool) {
	r := len(l.Shape)
	rows, cols := l.Shape[r-2], l.Shape[r-1]
	o = operand64{row: l.Strides[r-2], col: l.Strides[r-1], batchOffsets: batchOffsets{l.Shape, l.Strides}}
	switch {
	case (o.col == 1 || cols == 1) && (o.row >= cols || rows == 1):
		o.trans, o.ld = blas.NoTrans, max(o.row, cols)
	case (o.row == 1 || rows == 1) && (o.col >= rows || cols == 1):
		o.trans, o.ld = blas.Trans, max(o.col, rows)
	default:
		return o, false
	}
	return o, true
}

func (s *matmul64Step) run(t *team.Team, in, out []lower.Array[float64]) error {
	s.in, s.out = in, out[0].Data[out[0].Off:]
	t.Run(s, s.batches*s.down*s.across)
	return nil
}

// Do computes one block of one product.
func (s *matmul64Step) Do(part, _ int) {
	batch, block := part/(s.down*s.across), part%(s.down*s.across)
	row, col := block/s.across*rows64, block%s.across*columns64
	x, y := &s.in[0], &s.in[1]
	a := x.Data[x.Off+s.a.batchOffsets.at(batch)+row*s.a.row:]
	b := y.Data[y.Off+s.b.batchOffsets.at(batch)+col*s.b.col:]
	c := s.out[batch*s.m*s.n+row*s.n+col:]
	gonum.Implementation{}.Dgemm(s.a.trans, s.b.trans, min(rows64, s.m-row), min(columns64, s.n-col), s.k, 1, a, s.a.ld, b, s.b.ld, 0, c, s.n)
}

// product64Step multiplies float64 matrices and runs a loop over the result.
type product64Step struct {
	matmul  *matmul64Step
	loop    *loop[float64]
	product []lower.Array[float64]
	args    []lower.Array[float64]
}

func newProduct64(a, b plan.Layout, l *loop[float64]) *product64Step {
	shape := lower.Shape{l.space.rows, l.space.inner}
	s := &product64Step{matmul: newMatmul64(a, b, shape), loop: l, product: []lower.Array[float64]{lower.NewArray[float64](shape)}}
	l.chunks(s.parts(), true, false)
	return s
}

func (s *product64Step) parts() int { return (s.loop.space.rows + rows64 - 1) / rows64 }

func (s *product64Step) run(t *team.Team, in, out []lower.Array[float64]) error {
	if s.matmul != nil {
		if err := s.matmul.run(t, in[:2], s.product); err != nil {
			return err
		}
	} else if err := lower.Exec(lower.MatMul{}, in[:2], s.product); err != nil {
		return err
	}
	s.args = append(append(s.args[:0], s.product[0]), in[2:]...)
	s.loop.start(s.args, out)
	t.Run(s, s.parts())
	s.loop.finish(s.parts())
	return nil
}

// Do runs the loop over some rows.
func (s *product64Step) Do(part, worker int) {
	row := part * rows64
	b := kernel.Block{Row0: row, Row1: min(row+rows64, s.loop.space.rows), Col1: s.loop.space.inner}
	s.loop.rows(worker, part, b, s.product[0].Data[row*s.loop.space.inner:])
}
