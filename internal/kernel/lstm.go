// The elementwise part of an LSTM's step, after the matrix products.

package kernel

import "fmt"

//go:generate go run -C _asm ./vector -part gates -out ../lstm_amd64.s -stubs ../lstm_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part gates -out ../lstm64_amd64.s -stubs ../lstm64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -part gates -dispatch ../lstm_dispatch

// Rows is a matrix stored by rows; row i begins at Data[i*Stride]. With a stride of 0
// all rows are the same.
type Rows[F Float] struct {
	Data   []F
	Stride int
}

// Row returns the first n elements of row i.
func (r Rows[F]) Row(i, n int) []F { return r.Data[i*r.Stride:][:n:n] }

// LSTMForward is one step of some samples. Matrices are [Rows,Units], or
// [Rows,4*Units] with the gates in the order i, f, g, o. The gates' pre-activations
// are z + add:
//
//	i, f, o = sigmoid   g = tanh
//	c = f*cPrev + i*g   (i*g is rounded, then the multiply-add once)
//	h = o*tanh(c)
//
// where sigmoid and tanh are those of Vector. No result may overlap another matrix,
// except that C may be CPrev.
type LSTMForward[F Float] struct {
	Rows, Units int

	Z, Add Rows[F] // [Rows,4*Units]
	CPrev  Rows[F]

	Acts  Rows[F] // [Rows,4*Units], becomes i, f, g, o
	C     Rows[F]
	H, H2 Rows[F] // both become h
}

// LSTMBackward is the gradient of one step of some samples. With dh = DH + DOut:
//
//	dc = DC + dh*o * (1-tanh(c)^2)
//	di = dc*g * (i-i^2)        df = dc*cPrev * (f-f^2)
//	dg = dc*i * (1-g^2)        do = dh*tanh(c) * (o-o^2)
//
// where a product that is added or subtracted is not rounded before. DC becomes
// dc*f, the gradient of cPrev. DZ becomes di, df, dg, do, which are also added to Sum,
// row by row. No result may overlap another matrix; all rows of Sum may be the same.
type LSTMBackward[F Float] struct {
	Rows, Units int

	Acts     Rows[F] // [Rows,4*Units]
	C, CPrev Rows[F]
	DOut, DH Rows[F]

	DC      Rows[F]
	DZ, Sum Rows[F] // [Rows,4*Units]
}

// LSTM is the kernels for an LSTM's step. All instruction sets return the same bits,
// except for the payload of a NaN.
type LSTM[F Float] struct {
	forward  func(LSTMForward[F])
	backward func(LSTMBackward[F])
}

// LSTMFor returns the kernels for isa, one of Supported.
func LSTMFor[F Float](isa ISA) LSTM[F] {
	if k, ok := any(lstm32(isa)).(LSTM[F]); ok {
		return k
	}
	return any(lstm64(isa)).(LSTM[F])
}

// Forward computes one step. If a matrix is too small, it returns an error and writes
// nothing.
func (k LSTM[F]) Forward(x LSTMForward[F]) error {
	wide := [...]Rows[F]{x.Z, x.Add, x.Acts}
	narrow := [...]Rows[F]{x.CPrev, x.C, x.H, x.H2}
	if ok, err := checkRows(x.Rows, x.Units, wide[:], narrow[:]); !ok {
		return err
	}
	k.forward(x)
	return nil
}

// Backward computes the gradient of one step. If a matrix is too small, it returns an
// error and writes nothing.
func (k LSTM[F]) Backward(x LSTMBackward[F]) error {
	wide := [...]Rows[F]{x.Acts, x.DZ, x.Sum}
	narrow := [...]Rows[F]{x.C, x.CPrev, x.DOut, x.DH, x.DC}
	if ok, err := checkRows(x.Rows, x.Units, wide[:], narrow[:]); !ok {
		return err
	}
	k.backward(x)
	return nil
}

// checkRows reports whether there is anything to do, and returns an error if a matrix
// is too small.
func checkRows[F Float](rows, units int, wide, narrow []Rows[F]) (ok bool, err error) {
	if rows < 0 || units < 0 {
		return false, fmt.Errorf("lstm of %d rows and %d units: neither may be negative", rows, units)
	}
	if rows == 0 || units == 0 {
		return false, nil
	}
	for i, m := range wide {
		if err := m.check(rows, 4*units); err != nil {
			return false, fmt.Errorf("lstm: matrix %d with 4 gates: %w", i, err)
		}
	}
	for i, m := range narrow {
		if err := m.check(rows, units); err != nil {
			return false, fmt.Errorf("lstm: matrix %d with one gate: %w", i, err)
		}
	}
	return true, nil
}

func (r Rows[F]) check(rows, columns int) error {
	if need := (rows-1)*r.Stride + columns; r.Stride < 0 || len(r.Data) < need {
		return fmt.Errorf("%d elements with a row stride of %d, want at least %d for [%d,%d]", len(r.Data), r.Stride, need, rows, columns)
	}
	return nil
}
