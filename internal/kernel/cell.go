// The elementwise part of a recurrent cell's step, after the matrix products.

package kernel

import "fmt"

//go:generate go run -C _asm ./vector -part cells -out ../cell_amd64.s -stubs ../cell_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part cells -out ../cell64_amd64.s -stubs ../cell64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part cells -out ../cell_arm64.s -stubs ../cell_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -float 64 -part cells -out ../cell64_arm64.s -stubs ../cell64_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -part cells -dispatch ../cell_dispatch

// Rows is a matrix stored by rows; row i begins at Data[i*Stride]. With a stride of 0
// all rows are the same.
type Rows[F Float] struct {
	Data   []F
	Stride int
}

// Row returns the first n elements of row i.
func (r Rows[F]) Row(i, n int) []F { return r.Data[i*r.Stride:][:n:n] }

// CellKind is a recurrent cell.
type CellKind uint8

// The cells, with the formulas of a step and of its gradient for one unit. Blocks of a
// row have numbers from 0. z is Z + Add, except for a GRU. sigmoid and tanh are those
// of Vector; a product that is added or subtracted is not rounded first, unless it is
// in brackets. dh is DH + DOut.
const (
	// LSTM saves i, f, g, o; Prev is c before the step.
	//
	//	i, f, o = sigmoid(z0), sigmoid(z1), sigmoid(z3)   g = tanh(z2)
	//	C = f*Prev + (i*g)   h = o*tanh(C)
	//
	//	dc = DC + (dh*o) * (1-tanh(C)^2)
	//	di = (dc*g) * (i-i^2)     df = (dc*Prev) * (f-f^2)
	//	dg = (dc*i) * (1-g^2)     do = (dh*tanh(C)) * (o-o^2)
	//
	// DC becomes dc*f, and DZ di, df, dg, do.
	LSTM CellKind = iota
	// GRU saves r, u, q, n; Prev is h before the step. Block 2 of Z is the state's
	// projection for n, and block 3 the input's.
	//
	//	r, u = sigmoid(Z0 + Add0), sigmoid(Z1 + Add1)
	//	q = Z2 + Add3   n = tanh(r*q + (Z3 + Add2))   h = u*(Prev-n) + n
	//
	//	dn = (dh - dh*u) * (1-n^2)
	//	dr = (dn*q) * (r-r^2)     du = (dh*(Prev-n)) * (u-u^2)
	//
	// DH becomes dh*u, and DZ dr, du, dn, dn*r.
	GRU
	// RNN saves h. It has one block.
	//
	//	h = tanh(z)   DZ = dh * (1-h^2)
	RNN

	cellKinds = iota // their number
)

// CellForward is one step of some samples. Matrices are [Rows,Units], or a few blocks
// of Units columns. No result may overlap another matrix, except that C or H2 may be
// Prev.
type CellForward[F Float] struct {
	Rows, Units int

	Z, Add Rows[F] // as many blocks as DZ has
	Prev   Rows[F] // not read by RNN

	Saved Rows[F] // one block for each saved value
	C     Rows[F] // for LSTM
	H, H2 Rows[F] // both become h
}

// CellBackward is the gradient of one step of some samples. DZ is also added to Sum,
// row by row. No result may overlap another matrix; all rows of Sum may be the same.
type CellBackward[F Float] struct {
	Rows, Units int

	Saved    Rows[F]
	C, Prev  Rows[F] // C for LSTM; Prev not for RNN
	DOut, DH Rows[F]

	DC      Rows[F] // for LSTM
	DZ, Sum Rows[F]
}

// Cell is the kernels for the step of one kind of cell. All instruction sets return
// the same bits, except for the payload of a NaN.
type Cell[F Float] struct {
	kind CellKind
	cellCode[F]
}

// cellCode is the kernels on one instruction set.
type cellCode[F Float] struct {
	forward  func(CellForward[F])
	backward func(CellBackward[F])
}

// CellFor returns the kernels for isa, one of Supported.
func CellFor[F Float](kind CellKind, isa ISA) Cell[F] {
	if k, ok := any(cells32(isa)).([cellKinds]cellCode[F]); ok {
		return Cell[F]{kind, k[kind]}
	}
	return Cell[F]{kind, any(cells64(isa)).([cellKinds]cellCode[F])[kind]}
}

// cellSizes are the matrices of the cells: blocks of Z, Add, DZ and Sum; blocks of
// Saved; whether there are Prev, and C and DC.
var cellSizes = [cellKinds]struct {
	name          string
	blocks, saved int
	prev, c       int
}{
	LSTM: {"lstm", 4, 4, 1, 1},
	GRU:  {"gru", 4, 4, 1, 0},
	RNN:  {"rnn", 1, 1, 0, 0},
}

// Forward computes one step. If a matrix is too small, it returns an error and writes
// nothing.
func (k Cell[F]) Forward(x CellForward[F]) error {
	s := cellSizes[k.kind]
	ok, err := k.check(x.Rows, x.Units, []sizedRows[F]{
		{"z", x.Z, s.blocks}, {"add", x.Add, s.blocks}, {"prev", x.Prev, s.prev},
		{"saved", x.Saved, s.saved}, {"c", x.C, s.c}, {"h", x.H, 1}, {"h2", x.H2, 1},
	})
	if ok {
		k.forward(x)
	}
	return err
}

// Backward computes the gradient of one step. If a matrix is too small, it returns an
// error and writes nothing.
func (k Cell[F]) Backward(x CellBackward[F]) error {
	s := cellSizes[k.kind]
	ok, err := k.check(x.Rows, x.Units, []sizedRows[F]{
		{"saved", x.Saved, s.saved}, {"c", x.C, s.c}, {"prev", x.Prev, s.prev},
		{"dOut", x.DOut, 1}, {"dh", x.DH, 1}, {"dc", x.DC, s.c},
		{"dz", x.DZ, s.blocks}, {"sum", x.Sum, s.blocks},
	})
	if ok {
		k.backward(x)
	}
	return err
}

// sizedRows is a matrix and the blocks that it must have.
type sizedRows[F Float] struct {
	name string
	Rows[F]
	blocks int
}

// check reports whether there is anything to do, and returns an error if a matrix is
// too small.
func (k Cell[F]) check(rows, units int, matrices []sizedRows[F]) (ok bool, err error) {
	name := cellSizes[k.kind].name
	if rows < 0 || units < 0 {
		return false, fmt.Errorf("%s of %d rows and %d units: neither may be negative", name, rows, units)
	}
	if rows == 0 || units == 0 {
		return false, nil
	}
	for _, m := range matrices {
		if m.blocks == 0 {
			continue
		}
		columns := m.blocks * units
		if need := (rows-1)*m.Stride + columns; m.Stride < 0 || len(m.Data) < need {
			return false, fmt.Errorf("%s: %s of %d elements with a row stride of %d, want at least %d for [%d,%d]",
				name, m.name, len(m.Data), m.Stride, need, rows, columns)
		}
	}
	return true, nil
}
