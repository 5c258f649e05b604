package suite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// letters is a character language model: an embedding, two layers of LSTM cells over a
// text, a cost and a perplexity.
func letters(dtype tensor.Dtype) *net {
	const vocabulary, embedded = 7, 5
	hidden := []int{6, 4}
	text := []int{0, 3, 1, 6, 2, 3, 5}
	n := newNet(dtype)
	table := n.weight("embedding", 0.5, vocabulary, embedded)
	var cells []map[string]*graph.Node
	var h, c gorgonia.Nodes
	for depth, size := range hidden {
		in := embedded
		if depth > 0 {
			in = hidden[depth-1]
		}
		cell := map[string]*graph.Node{}
		for _, gate := range []string{"i", "f", "o", "c"} {
			name := fmt.Sprint(gate, depth)
			cell[gate+"x"], cell[gate+"h"], cell[gate+"b"] = n.weight("wx"+name, 0.4, size, in), n.weight("wh"+name, 0.4, size, size), n.weight("b"+name, 0.1, size)
		}
		cells = append(cells, cell)
		h = append(h, n.zeros(fmt.Sprint("h", depth), size))
		c = append(c, n.zeros(fmt.Sprint("c", depth), size))
	}
	whd, bias := n.weight("whd", 0.5, vocabulary, hidden[1]), n.weight("bd", 0.1, vocabulary)
	for i := range len(text) - 1 {
		x := must(gorgonia.Slice(table, gorgonia.S(text[i])))
		for depth, cell := range cells {
			h[depth], c[depth] = letterCell(cell, x, h[depth], c[depth])
			x = h[depth]
		}
		probs := must(gorgonia.SoftMax(must(gorgonia.Add(must(gorgonia.Mul(whd, x)), bias))))
		loss := must(gorgonia.Slice(must(gorgonia.Neg(must(gorgonia.Log(probs)))), gorgonia.S(text[i+1])))
		bits := must(gorgonia.Slice(must(gorgonia.Neg(must(gorgonia.Log2(probs)))), gorgonia.S(text[i+1])))
		if i == 0 {
			n.cost = loss
		} else {
			n.cost = must(gorgonia.Add(n.cost, loss))
		}
		n.reads(bits)
	}
	n.reads(n.cost)
	n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver {
		return gorgonia.NewRMSPropSolver(append(opts, gorgonia.WithClip(5))...)
	}
	return n
}

func (n *net) zeros(name string, size int) *graph.Node {
	return gorgonia.NewVector(n.ExprGraph, n.dtype, gorgonia.WithName(name), gorgonia.WithShape(size), gorgonia.WithValue(dense64(make([]float64, size), n.dtype, size)))
}

func letterCell(w map[string]*graph.Node, x, h, c *graph.Node) (hidden, cell *graph.Node) {
	sum := func(gate string) *graph.Node {
		both := must(gorgonia.Add(must(gorgonia.Mul(w[gate+"x"], x)), must(gorgonia.Mul(w[gate+"h"], h))))
		return must(gorgonia.Add(both, w[gate+"b"]))
	}
	in, forget, out := must(gorgonia.Sigmoid(sum("i"))), must(gorgonia.Sigmoid(sum("f"))), must(gorgonia.Sigmoid(sum("o")))
	write := must(gorgonia.HadamardProd(in, must(gorgonia.Tanh(sum("c")))))
	cell = must(gorgonia.Add(must(gorgonia.HadamardProd(forget, c)), write))
	return must(gorgonia.HadamardProd(out, must(gorgonia.Tanh(cell)))), cell
}

// denoiser is one layer of a stack of denoising autoencoders. It encodes the masked
// input by a sigmoid layer and decodes it by the same weights or by others.
func denoiser(tied bool) func(tensor.Dtype) *net {
	return func(dtype tensor.Dtype) *net {
		const batch, in, code = 6, 9, 5
		n := newNet(dtype)
		x := n.input("x", batch, in)
		w := n.weight("w", 0.4, in, code)
		y := must(gorgonia.Sigmoid(must(gorgonia.Add(must(gorgonia.Mul(byMask(n, x, 0.3), w)), n.weight("b", 0.1, batch, code)))))
		var up *graph.Node
		if tied {
			up = must(gorgonia.Transpose(w))
		} else {
			up = n.weight("up", 0.4, code, in)
		}
		z := n.reads(must(gorgonia.Sigmoid(must(gorgonia.Add(must(gorgonia.Mul(y, up)), n.weight("bz", 0.1, batch, in))))))
		n.cost = n.reads(must(gorgonia.Mean(must(gorgonia.BinaryXent(z, x)))))
		n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewMomentum(opts...) }
		return n
	}
}

// stack is the classifier of a stack of autoencoders, for fine-tuning.
func stack(dtype tensor.Dtype) *net {
	const batch = 5
	n := newNet(dtype)
	h, y := n.input("x", batch, 9), n.input("y", batch, 3)
	for i, c := range [][2]int{{9, 7}, {7, 5}} {
		xw := must(gorgonia.Mul(h, n.weight(fmt.Sprint("w", i), 0.5, c[0], c[1])))
		h = must(gorgonia.Sigmoid(must(gorgonia.Add(xw, n.weight(fmt.Sprint("b", i), 0.1, batch, c[1])))))
	}
	out := must(gorgonia.SoftMax(must(gorgonia.Add(must(gorgonia.Mul(h, n.weight("w", 0.5, 5, 3))), n.weight("b", 0.1, batch, 3)))))
	n.reads(out)
	n.cost = n.reads(must(gorgonia.Neg(must(gorgonia.Mean(must(gorgonia.HadamardProd(y, must(gorgonia.Log(out)))))))))
	n.solver = func(opts ...gorgonia.SolverOpt) gorgonia.Solver { return gorgonia.NewAdamSolver(opts...) }
	return n
}

func (on Machine) gorgoniasExampleNetsTrainToTheSameNumbers(t *testing.T) {
	for name, build := range map[string]func(tensor.Dtype) *net{
		"iris":                flowers,
		"logistic regression": logistic,
		"convnet":             digits(byMask),
		"char-rnn":            letters,
		"denoising, tied":     denoiser(true),
		"denoising, untied":   denoiser(false),
		"stacked autoencoder": stack,
	} {
		for dtype, tol := range map[tensor.Dtype]float64{tensor.Float32: 2e-4, tensor.Float64: 1e-10} {
			t.Run(fmt.Sprint(name, "/", dtype), func(t *testing.T) {
				const steps = 6
				want := build(dtype).train(t, steps, func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
					return gorgonia.NewTapeMachine(g, opts...)
				})
				got := build(dtype).train(t, steps, func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
					return on.With(Settings{Strict: true}).New(g, opts...)
				})
				require.Len(t, got, len(want))
				for i := range want {
					require.InDeltaSlice(t, want[i], got[i], tol, "result %d of %d that the program sees", i, len(want))
				}
			})
		}
	}
}
