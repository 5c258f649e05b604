// The elementwise part of an LSTM: what a step does with the products.

package kernel

import "fmt"

//go:generate go run -C _asm ./vector -part gates -out ../lstm_amd64.s -stubs ../lstm_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part gates -out ../lstm64_amd64.s -stubs ../lstm64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -part gates -dispatch ../lstm_dispatch

// Rows is a matrix stored by rows, row i from Data[i*Stride] on. With a stride
// of 0 every row is the same one.
type Rows[F Float] struct {
	Data   []F
	Stride int
}

// Row returns the first n elements of row i.
func (r Rows[F]) Row(i, n int) []F { return r.Data[i*r.Stride:][:n:n] }

// LSTMForward is one step of some samples. Matrices are [Rows,Units], or
// [Rows,4*Units] with the gates in the order i, f, g, o. With the gates' sums
// z + add,
//
//	i, f, o = sigmoid   g = tanh
//	c = f*cPrev + i*g   (i*g is rounded, then the sum once)
//	h = o*tanh(c)
//
// where sigmoid and tanh are those of Vector. No result may overlap anything
// else, except that C may be CPrev.
type LSTMForward[F Float] struct {
	Rows, Units int

	Z, Add Rows[F] // [Rows,4*Units], their sum is that of the gates
	CPrev  Rows[F]

	Acts  Rows[F] // [Rows,4*Units], becomes i, f, g, o
	C     Rows[F]
	H, H2 Rows[F] // both become h
}

// LSTMBackward is the gradient of one step of some samples. With dh = DH + DOut,
//
//	dc = DC + dh*o * (1-tanh(c)^2)
//	di = dc*g * (i-i^2)        df = dc*cPrev * (f-f^2)
//	dg = dc*i * (1-g^2)        do = dh*tanh(c) * (o-o^2)
//
// where sums with a product and differences are rounded once. DC becomes dc*f,
// which is the gradient of cPrev; DZ becomes di, df, dg, do; and these are added
// to Sum, row after row. No result may overlap anything else, but for rows of
// Sum that are the same.
type LSTMBackward[F Float] struct {
	Rows, Units int

	Acts     Rows[F] // [Rows,4*Units]
	C, CPrev Rows[F]
	DOut, DH Rows[F]

	DC      Rows[F]
	DZ, Sum Rows[F] // [Rows,4*Units]
}

// LSTM is a set of kernels for an LSTM's step. Those of all instruction sets
// return the same bits, but for the payload of a NaN.
type LSTM[F Float] struct {
	forward  func(LSTMForward[F])
	backward func(LSTMBackward[F])
}

// LSTMFor returns the kernels for isa. The processor has to support isa: see
// Supported.
func LSTMFor[F Float](isa ISA) LSTM[F] {
	if k, ok := any(lstm32(isa)).(LSTM[F]); ok {
		return k
	}
	return any(lstm64(isa)).(LSTM[F])
}

// Forward computes one step. It fails, with nothing written, when a matrix is
// too small.
func (k LSTM[F]) Forward(x LSTMForward[F]) error {
	wide := [...]Rows[F]{x.Z, x.Add, x.Acts}
	narrow := [...]Rows[F]{x.CPrev, x.C, x.H, x.H2}
	if ok, err := checkRows(x.Rows, x.Units, wide[:], narrow[:]); !ok {
		return err
	}
	k.forward(x)
	return nil
}

// Backward computes the gradient of one step. It fails, with nothing written,
// when a matrix is too small.
func (k LSTM[F]) Backward(x LSTMBackward[F]) error {
	wide := [...]Rows[F]{x.Acts, x.DZ, x.Sum}
	narrow := [...]Rows[F]{x.C, x.CPrev, x.DOut, x.DH, x.DC}
	if ok, err := checkRows(x.Rows, x.Units, wide[:], narrow[:]); !ok {
		return err
	}
	k.backward(x)
	return nil
}

// checkRows returns whether there is anything to do, and an error if a matrix
// has less than it should.
func checkRows[F Float](rows, units int, wide, narrow []Rows[F]) (ok bool, err error) {
	if rows < 0 || units < 0 {
		return false, fmt.Errorf("lstm of %d rows and %d units: want neither negative", rows, units)
	}
	if rows == 0 || units == 0 {
		return false, nil
	}
	for i, m := range wide {
		if err := m.check(rows, 4*units); err != nil {
			return false, fmt.Errorf("lstm: matrix %d of those with 4 gates: %w", i, err)
		}
	}
	for i, m := range narrow {
		if err := m.check(rows, units); err != nil {
			return false, fmt.Errorf("lstm: matrix %d of those with one: %w", i, err)
		}
	}
	return true, nil
}

func (r Rows[F]) check(rows, columns int) error {
	if need := (rows-1)*r.Stride + columns; r.Stride < 0 || len(r.Data) < need {
		return fmt.Errorf("%d elements with rows %d apart are no [%d,%d], which has %d", len(r.Data), r.Stride, rows, columns, need)
	}
	return nil
}
