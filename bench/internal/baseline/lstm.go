package baseline

// The sequence net: an image as 28 steps of 28 pixels, both LSTMs unrolled.

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// lstm encodes the rows from the top, makes a code of the last output, and
// feeds the code to the decoder at every step. Rows stay separate nodes
// throughout: Gorgonia merges slices whose bounds agree modulo 256, which
// breaks the gradient of Concat and would merge gates that are slices of one
// product. For the same reason the loss first adds up the rows and then takes
// one mean.
func lstm(b *builder) forward {
	const hidden, code = 128, 32
	encoder := b.cell("encoder", side, hidden)
	var rows G.Nodes
	var s state
	for t := range side {
		row := b.input(fmt.Sprintf("row%d", t), b.batch, side)
		rows = append(rows, row)
		s = encoder.step(encoder.drive(row), s)
	}
	codes := b.affine("code", hidden, code).of(s.h)

	decoder := b.cell("decoder", code, hidden)
	out := b.affine("logits", hidden, side)
	drive := decoder.drive(codes) // the same at every step
	var logits G.Nodes
	var sum *G.Node
	s = state{}
	for t := range side {
		s = decoder.step(drive, s)
		z := out.of(s.h)
		logits = append(logits, z)
		sum = plus(sum, crossEntropy(z, rows[t]))
	}
	loss := G.Must(G.HadamardProd(G.Must(G.Mean(sum)), b.constant(1./side)))
	return forward{images: rows, logits: logits, loss: loss}
}

// The gates of a cell: input, forget, candidate, output.
const (
	inputGate = iota
	forgetGate
	candidate
	outputGate
	gates
)

// cell is an LSTM without peepholes (Gers, Schmidhuber and Cummins 2000), with
// weights x [in,hidden], h [hidden,hidden] and bias [1,hidden] for each gate.
type cell struct{ x, h, bias [gates]*G.Node }

// state is what a cell hands to its next step, each [batch,hidden]; nil means
// zeros and costs nothing.
type state struct{ h, c *G.Node }

// cell makes the weights of a cell; the forget gate's bias starts at 1.
func (b *builder) cell(name string, in, hidden int) (l cell) {
	for g, gate := range [gates]string{"input", "forget", "candidate", "output"} {
		start := 0.
		if g == forgetGate {
			start = 1
		}
		gate = name + "." + gate
		l.x[g] = b.glorot(gate+".x", in, hidden, in, hidden)
		l.h[g] = b.glorot(gate+".h", hidden, hidden, hidden, hidden)
		l.bias[g] = b.bias(gate+".bias", start, 1, hidden)
	}
	return l
}

// drive returns the part of each gate's sum that comes from x [batch,in].
func (l cell) drive(x *G.Node) (sums [gates]*G.Node) {
	for g := range sums {
		sums[g] = addRow(G.Must(G.Mul(x, l.x[g])), l.bias[g])
	}
	return sums
}

// step returns the state after s:
//
//	c' = sigmoid(forget) c + sigmoid(input) tanh(candidate)
//	h' = sigmoid(output) tanh(c')
func (l cell) step(sums [gates]*G.Node, s state) state {
	if s.h != nil {
		for g := range sums {
			sums[g] = G.Must(G.Add(G.Must(G.Mul(s.h, l.h[g])), sums[g]))
		}
	}
	c := G.Must(G.HadamardProd(G.Must(G.Sigmoid(sums[inputGate])), G.Must(G.Tanh(sums[candidate]))))
	if s.c != nil {
		c = G.Must(G.Add(G.Must(G.HadamardProd(G.Must(G.Sigmoid(sums[forgetGate])), s.c)), c))
	}
	return state{h: G.Must(G.HadamardProd(G.Must(G.Sigmoid(sums[outputGate])), G.Must(G.Tanh(c)))), c: c}
}

// plus adds b to a; a may be nil, for 0.
func plus(a, b *G.Node) *G.Node {
	if a == nil {
		return b
	}
	return G.Must(G.Add(a, b))
}
