package programs

import (
	"fmt"
	"math/rand/v2"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// sheet is a graph under construction, in one floating-point type, with the
// random numbers for its inputs and weights.
type sheet struct {
	g      *G.ExprGraph
	dtype  tensor.Dtype
	random *rand.Rand
	learn  G.Nodes
	reads  []reading
}

// reading is a value that the program reads with gorgonia.Read.
type reading struct {
	what string
	to   *G.Value
}

func newSheet(dtype tensor.Dtype, seed uint64) *sheet {
	return &sheet{g: G.NewGraph(), dtype: dtype, random: rand.New(rand.NewPCG(seed, 17))}
}

// input is an input that has no value yet.
func (s *sheet) input(name string, shape ...int) *G.Node {
	return G.NewTensor(s.g, s.dtype, len(shape), G.WithName(name), G.WithShape(shape...))
}

// given is a node with a value, which another graph may share.
func (s *sheet) given(name string, v *tensor.Dense) *G.Node {
	return G.NewTensor(s.g, s.dtype, v.Dims(), G.WithName(name), G.WithShape(v.Shape()...), G.WithValue(v))
}

// weight is a learnable with normal values around 0.
func (s *sheet) weight(name string, scale float64, shape ...int) *G.Node {
	return s.learned(name, s.normal(scale, shape...))
}

// learned is a learnable with a value.
func (s *sheet) learned(name string, v *tensor.Dense) *G.Node {
	w := s.given(name, v)
	s.learn = append(s.learn, w)
	return w
}

// number is a constant.
func (s *sheet) number(v float64) *G.Node {
	if s.dtype == tensor.Float32 {
		return G.NewConstant(float32(v))
	}
	return G.NewConstant(v)
}

// read makes the program read a node after each run.
func (s *sheet) read(what string, n *G.Node) *G.Node {
	r := reading{what, new(G.Value)}
	s.reads = append(s.reads, r)
	return G.Read(n, r.to)
}

// normal is a tensor of normal numbers around 0, uniform a tensor of numbers from 0
// to 1.
func (s *sheet) normal(scale float64, shape ...int) *tensor.Dense {
	return s.filled(func() float64 { return scale * s.random.NormFloat64() }, shape...)
}

func (s *sheet) uniform(shape ...int) *tensor.Dense { return s.filled(s.random.Float64, shape...) }

// oneHot is a matrix with a 1 at a random place of each row.
func (s *sheet) oneHot(rows, columns int) *tensor.Dense {
	i, at := 0, 0
	return s.filled(func() float64 {
		if i%columns == 0 {
			at = s.random.IntN(columns)
		}
		i++
		return truth((i-1)%columns == at)
	}, rows, columns)
}

func (s *sheet) constant(v float64, shape ...int) *tensor.Dense {
	return s.filled(func() float64 { return v }, shape...)
}

func (s *sheet) filled(next func() float64, shape ...int) *tensor.Dense {
	x := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range x {
		x[i] = next()
	}
	return dense(s.dtype, x, shape...)
}

// dense is a tensor of these elements.
func dense(dtype tensor.Dtype, x []float64, shape ...int) *tensor.Dense {
	if dtype == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(y))
}

// conv is a convolution with a square kernel of odd size. It preserves the extent of
// the images.
func (s *sheet) conv(name string, x *G.Node, channels, side int) *G.Node {
	in := x.Shape()[1]
	w := s.weight(name, 1/float64(side*in), channels, in, side, side)
	pad := []int{side / 2, side / 2}
	return must(G.Conv2d(x, w, tensor.Shape{side, side}, pad, []int{1, 1}, []int{1, 1}))
}

// layer is x·w + b, its bias broadcast over the rows.
func (s *sheet) layer(name string, x *G.Node, units int) *G.Node {
	in := x.Shape()[1]
	xw := must(G.Mul(x, s.weight(name+".w", 1/float64(1+in/8), in, units)))
	return must(G.BroadcastAdd(xw, s.weight(name+".b", 0.1, 1, units), nil, []byte{0}))
}

// crossEntropy is the mean of -target log softmax(logits) over rows.
func crossEntropy(s *sheet, logits, target *G.Node) *G.Node {
	log := must(G.Log(must(G.SoftMax(logits, 1))))
	return must(G.Neg(must(G.Mean(must(G.Sum(must(G.HadamardProd(target, log)), 1))))))
}

// squares is the mean of (a - b)².
func squares(a, b *G.Node) *G.Node { return must(G.Mean(must(G.Square(must(G.Sub(a, b)))))) }

// batchOf binds batch i of the data to an input, as a view of rows, like programs that
// have all their data in one tensor.
func batchOf(data *tensor.Dense, in *G.Node, i int) error {
	n, rows := in.Shape()[0], data.Shape()[0]
	from := i % (rows / n) * n
	v, err := data.Slice(G.S(from, from+n))
	if err != nil {
		return fmt.Errorf("batch %d of %s: %w", i, in.Name(), err)
	}
	d := v.(*tensor.Dense)
	if err := d.Reshape(in.Shape()...); err != nil {
		return fmt.Errorf("batch %d of %s: %w", i, in.Name(), err)
	}
	return G.Let(in, d)
}

// must is gorgonia.Must: a program panics if a graph cannot be built.
func must(n *G.Node, err error) *G.Node { return G.Must(n, err) }
