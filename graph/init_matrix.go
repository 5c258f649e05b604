package graph

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// Orthogonal starts at gain times a matrix that is drawn uniformly from those with
// orthonormal rows, or with orthonormal columns if it has more rows than columns
// (Saxe, McClelland and Ganguli 2014). It reads the weight, which needs a rank of at
// least 2, as a matrix [first extent, the rest].
func Orthogonal(gain float64) Init {
	return func(d Draw, shape Shape, w []float64) error {
		if len(shape) < 2 {
			return fmt.Errorf("orthogonal start of shape %v: want at least two axes", shape)
		}
		if math.IsNaN(gain) || math.IsInf(gain, 0) {
			return fmt.Errorf("orthogonal start with gain %g: want a finite one", gain)
		}
		rows, cols := shape[0], shape[1:].Size()
		few, long := min(rows, cols), max(rows, cols)
		q := make([]float64, len(w))
		d.each(q, func(word uint32) float64 { return float64(lower.NormalOf(word)) })
		if err := orthonormalise(q, few, long); err != nil {
			return err
		}
		for i := range few {
			for j, v := range q[i*long : (i+1)*long] {
				at := i*cols + j
				if rows > cols {
					at = j*cols + i
				}
				w[at] = float64(float32(gain * v))
			}
		}
		return nil
	}
}

// orthonormalise makes the n rows of q [n, m], n <= m, orthonormal by Gram-Schmidt.
// It projects each row twice against the rows before it, which is as accurate as
// Householder's QR. The inner product of each row with its old value stays
// positive, so normally distributed rows become uniform orthonormal ones.
func orthonormalise(q []float64, n, m int) error {
	for i := range n {
		row := q[i*m : (i+1)*m]
		for range 2 {
			for k := range i {
				before := q[k*m : (k+1)*m]
				c := dot(row, before)
				for j, v := range before {
					row[j] -= float64(c * v)
				}
			}
		}
		length := math.Sqrt(dot(row, row))
		if length < 1e-12 {
			return fmt.Errorf("orthogonal start: the rows drawn are linearly dependent: choose another seed or name")
		}
		for j := range row {
			row[j] /= length
		}
	}
	return nil
}

// dot is the inner product. It adds up four sums in a fixed order and rounds each
// product before adding it, so that the result is the same on every processor.
func dot(x, y []float64) float64 {
	var s [4]float64
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s[0] += float64(x[i] * y[i])
		s[1] += float64(x[i+1] * y[i+1])
		s[2] += float64(x[i+2] * y[i+2])
		s[3] += float64(x[i+3] * y[i+3])
	}
	for ; i < len(x); i++ {
		s[0] += float64(x[i] * y[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// Blocks divides an axis into n equal blocks and initialises each with init, from
// its own stream: for example, Blocks(1, 4, Orthogonal(1)) for the recurrent weight
// [H, 4H] of an LSTM.
func Blocks(axis, n int, init Init) Init {
	return sections(axis, n, func(int) Init { return init })
}

// Sections divides an axis into equal blocks, one for each init, and initialises
// each block with its init. The name of a block's stream is the parameter's name
// and "#0", "#1", ... For example, Sections(0, Zeros(), Ones(), Zeros(), Zeros()) is
// for a bias [4H] whose second quarter is that of the forget gate.
func Sections(axis int, inits ...Init) Init {
	return sections(axis, len(inits), func(i int) Init { return inits[i] })
}

// sections initialises n blocks along an axis, block i with of(i).
func sections(axis, n int, of func(i int) Init) Init {
	return func(d Draw, shape Shape, w []float64) error {
		if axis < 0 || axis >= len(shape) || n < 1 || shape[axis]%n != 0 {
			return fmt.Errorf("start of shape %v in %d blocks along axis %d: want an axis that divides into at least one equal block", shape, n, axis)
		}
		block := shape.Clone()
		block[axis] /= n
		part := make([]float64, block.Size())
		run := block[axis:].Size() // contiguous elements of one block
		for i := range n {
			init := of(i)
			if init == nil {
				init = Zeros()
			}
			clear(part)
			if err := init(Draw{d.Seed, fmt.Sprintf("%s#%d", d.Name, i)}, block, part); err != nil {
				return fmt.Errorf("block %d: %w", i, err)
			}
			for k := 0; k*run < len(part); k++ {
				copy(w[(k*n+i)*run:], part[k*run:(k+1)*run])
			}
		}
		return nil
	}
}
