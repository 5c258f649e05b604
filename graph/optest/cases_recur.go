package optest

import (
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// recurUse is one way to run a cell of a few units.
type recurUse struct {
	name           string
	n, t, d, h     int
	inputSteps     int // steps of x; 0 means t
	reverse, state bool
	out            string // the results to use: s(equence), h, c
	cell           lower.Cell
}

// recurUses are the ways to run each cell.
func recurUses() []recurUse {
	uses := lstmUses()
	for _, cell := range []lower.Cell{lower.CellGRU, lower.CellRNN} {
		for _, u := range lstmUses() {
			if u.cell, u.out = cell, strings.ReplaceAll(u.out, "c", ""); u.out != "" {
				uses = append(uses, u)
			}
		}
	}
	return uses
}

func lstmUses() []recurUse {
	return []recurUse{
		{name: "all results", n: 2, t: 3, d: 2, h: 3, state: true, out: "shc"},
		{name: "all results in reverse", n: 2, t: 3, d: 2, h: 3, state: true, reverse: true, out: "shc"},
		{name: "zero state", n: 2, t: 3, d: 2, h: 2, out: "shc"},
		{name: "zero state in reverse", n: 2, t: 3, d: 2, h: 2, reverse: true, out: "shc"},
		{name: "one step", n: 3, t: 1, d: 2, h: 2, state: true, out: "shc"},
		{name: "one step from zero", n: 3, t: 1, d: 2, h: 2, out: "shc"},
		{name: "one sample", n: 1, t: 4, d: 3, h: 2, state: true, out: "shc"},
		{name: "one feature", n: 2, t: 3, d: 1, h: 2, out: "sc"},
		{name: "one unit", n: 2, t: 3, d: 2, h: 1, state: true, out: "shc"},
		{name: "sequence only", n: 2, t: 3, d: 2, h: 2, out: "s"},
		{name: "last output only", n: 2, t: 3, d: 2, h: 2, out: "h"},
		{name: "last output only in reverse", n: 2, t: 3, d: 2, h: 2, reverse: true, state: true, out: "h"},
		{name: "last cell only", n: 2, t: 3, d: 2, h: 2, state: true, out: "c"},
		{name: "repeated input", n: 2, t: 4, d: 2, h: 2, inputSteps: 1, out: "shc"},
		{name: "repeated input in reverse", n: 2, t: 3, d: 2, h: 2, inputSteps: 1, reverse: true, state: true, out: "s"},
		{name: "more columns than a block of the product", n: 2, t: 2, d: 2, h: 17, out: "s"},
	}
}

// in returns the shapes of x, wx, wh, bias and, if there is one, the state.
func (u recurUse) in() []graph.Shape {
	inputSteps := u.t
	if u.inputSteps > 0 {
		inputSteps = u.inputSteps
	}
	step := u.cell.Step()
	columns := step.Gates * u.h
	in := shapes(graph.Shape{u.n, inputSteps, u.d}, graph.Shape{u.d, columns}, graph.Shape{u.h, columns}, graph.Shape{step.Biases * u.h})
	if u.state {
		for range step.NextStates {
			in = append(in, graph.Shape{u.n, u.h})
		}
	}
	return in
}

func (u recurUse) build(b *graph.Builder, in []*graph.Node) []*graph.Node {
	w, r := graph.RecurrentWeights{Wx: in[1], Wh: in[2], Bias: in[3]}, graph.Recurrence{Steps: u.t, Reverse: u.reverse}
	var h *graph.Node
	var last, from graph.LSTMState
	if u.state {
		from.H = in[4]
	}
	switch u.cell {
	case lower.CellLSTM:
		if u.state {
			from.C = in[5]
		}
		h, last = b.LSTM(in[0], w, from, r)
	case lower.CellGRU:
		h, last.H = b.GRU(in[0], w, from.H, r)
	case lower.CellRNN:
		h, last.H = b.RNN(in[0], w, from.H, r)
	}
	var out []*graph.Node
	for _, r := range u.out {
		out = append(out, map[rune]*graph.Node{'s': h, 'h': last.H, 'c': last.C}[r])
	}
	return out
}

// grads builds the gradients of a loss, the sum of the exponentials of the used
// results, with respect to operands.
func (u recurUse) grads(wrt ...int) func(*graph.Builder, []*graph.Node) []*graph.Node {
	return func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		var losses []*graph.Node
		for _, y := range u.build(b, in) {
			losses = append(losses, b.Sum(b.Exp(y)))
		}
		var of []*graph.Node
		for _, i := range wrt {
			of = append(of, in[i])
		}
		return b.Grad(b.AddN(losses...), of...)
	}
}

func recurCases() []Case {
	var cases []Case
	for _, u := range recurUses() {
		cases = append(cases, Case{Op: u.cell.String(), Name: u.name, In: u.in(), Build: u.build})
		wrt := []int{0, 1, 2, 3, 4, 5}[:len(u.in())]
		cases = append(cases, Case{Op: u.cell.String() + "_grad", Name: u.name, In: u.in(), Build: u.grads(wrt...)})
	}
	u := lstmUses()[0]
	for _, c := range []struct {
		name string
		wrt  []int
	}{{"of the weights alone", []int{1, 2, 3}}, {"of the input alone", []int{0}}, {"of the state alone", []int{4, 5}}, {"of the input and one weight", []int{0, 2}}, {"of c0 alone", []int{5}}} {
		cases = append(cases, Case{Op: "lstm_grad", Name: c.name, In: u.in(), Build: u.grads(c.wrt...)})
	}
	return append(cases, recurLayerCases()...)
}

// recurLayerCases test compositions of ops: stacked layers, in both directions, over
// sequences of different lengths.
func recurLayerCases() []Case {
	x := graph.Shape{3, 4, 2}
	lengths := rowNumbers(4, 0, 2)
	return []Case{
		{Op: "lstm", Name: "in both directions", In: shapes(x), Build: one(graph.LSTM{Units: 3, Bidirectional: true, ReturnSequences: true}.Apply)},
		{Op: "gru", Name: "three layers in both directions", In: shapes(x), Build: one(graph.GRU{Units: 2, Layers: 3, Bidirectional: true}.Apply)},
		{Op: "rnn", Name: "two layers with dropout between", In: shapes(x), Build: one(graph.RNN{Units: 2, Layers: 2, Dropout: .5}.Apply)},
		{Op: "gru", Name: "of lengths", In: shapes(x, graph.Shape{3}), Build: two(graph.GRU{Units: 2, ReturnSequences: true}.ApplyLengths), Fill: lengths, NoGrad: []int{1}},
		{Op: "lstm", Name: "the last output, of lengths, in reverse", In: shapes(x, graph.Shape{3}), Build: two(graph.LSTM{Units: 2, Reverse: true}.ApplyLengths), Fill: lengths, NoGrad: []int{1}},
		{Op: "rnn", Name: "two layers, of lengths, in both directions", In: shapes(x, graph.Shape{3}), Build: two(graph.RNN{Units: 2, Layers: 2, Bidirectional: true, ReturnSequences: true}.ApplyLengths), Fill: lengths, NoGrad: []int{1}},
	}
}

func recurWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	s := func(n ...int) graph.Shape { return n }
	run := func(steps int) func(b *B, in []*N) {
		return func(b *B, in []*N) {
			var from graph.LSTMState
			if len(in) > 4 {
				from.H = in[4]
			}
			if len(in) > 5 {
				from.C = in[5]
			}
			b.LSTM(in[0], graph.RecurrentWeights{Wx: in[1], Wh: in[2], Bias: in[3]}, from, graph.Recurrence{Steps: steps})
		}
	}
	twice := func(b *B, in []*N) {
		h, _ := b.LSTM(in[0], graph.RecurrentWeights{Wx: in[1], Wh: in[2], Bias: in[3]}, graph.LSTMState{}, graph.Recurrence{})
		g := b.Grad(b.Sum(h), in[1])
		b.Grad(b.Sum(b.Square(g[0])), in[1])
	}
	return []Wrong{
		{"lstm", "a matrix for x", shapes(s(2, 3), s(3, 8), s(2, 8), s(8)), run(0), "want a sequence [N,T,D]"},
		{"lstm", "other steps than x has", shapes(s(2, 3, 3), s(3, 8), s(2, 8), s(8)), run(4), "want [N,4,D]"},
		{"lstm", "negative steps", shapes(s(2, 1, 3), s(3, 8), s(2, 8), s(8)), run(-1), "at least 1 step"},
		{"lstm", "features", shapes(s(2, 3, 3), s(4, 8), s(2, 8), s(8)), run(0), "wx is [4 8], want [3 8]"},
		{"lstm", "three gates", shapes(s(2, 3, 3), s(3, 6), s(2, 6), s(6)), run(0), "want [3 8]"},
		{"lstm", "recurrent weights not of four gates", shapes(s(2, 3, 3), s(3, 8), s(2, 6), s(8)), run(0), "wh is [2 6], want [2 8]"},
		{"lstm", "recurrent weights not a matrix", shapes(s(2, 3, 3), s(3, 8), s(8), s(8)), run(0), "wh is [8]"},
		{"lstm", "bias", shapes(s(2, 3, 3), s(3, 8), s(2, 8), s(2)), run(0), "bias is [2], want [8]"},
		{"lstm", "initial h of another batch", shapes(s(2, 3, 3), s(3, 8), s(2, 8), s(8), s(3, 2), s(2, 2)), run(0), "the initial h is [3 2], want [2 2]"},
		{"lstm", "initial c of other units", shapes(s(2, 3, 3), s(3, 8), s(2, 8), s(8), s(2, 2), s(2, 3)), run(0), "the initial c is [2 3], want [2 2]"},
		{"lstm", "half a state", shapes(s(2, 3, 3), s(3, 8), s(2, 8), s(8), s(2, 2)), run(0), "operand 5 is nil"},
		{"gru", "no units", shapes(s(2, 3, 3)), func(b *B, in []*N) { graph.GRU{}.Apply(b, in[0]) }, "gru: 0 units"},
		{"gru", "dropout of all", shapes(s(2, 3, 3)), func(b *B, in []*N) { graph.GRU{Units: 1, Dropout: 1}.Apply(b, in[0]) }, "dropout 1: want a share"},
		{"rnn", "a matrix for x", shapes(s(2, 3)), func(b *B, in []*N) { graph.RNN{Units: 1}.Apply(b, in[0]) }, "rnn: x is [2 3], want a sequence"},
		{"rnn", "a state of two directions", shapes(s(2, 3, 3)), func(b *B, in []*N) { graph.RNN{Units: 1, Bidirectional: true}.ApplyFrom(b, in[0], nil) }, "for one layer in one direction"},
		{"rnn", "lengths of another batch", shapes(s(2, 3, 3), s(3)), func(b *B, in []*N) { graph.RNN{Units: 1}.ApplyLengths(b, in[0], in[1]) }, "lengths [3]: want [N,T,D] and [N]"},
		{"lstm_grad", "second order", shapes(s(2, 3, 3), s(3, 8), s(2, 8), s(8)), twice, "op lstm_grad has none"},
	}
}
