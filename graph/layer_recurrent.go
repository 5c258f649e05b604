package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// Recurrent has the fields of the recurrent layers LSTM, GRU and RNN. Each layer runs
// over a sequence x [N,T,D] from a state of zeros. Its parameters are "wx"
// [D,G*Units], "wh" [Units,G*Units] and "b" [B*Units]; RecurrentWeights has the order
// of their blocks. Blocks of wx start at GlorotUniform, and blocks of wh at orthogonal
// matrices (Saxe et al. 2014). The bias starts at 0, except that of an LSTM's forget
// gate, which starts at 1 (Jozefowicz et al. 2015).
type Recurrent struct {
	Units int
	// ReturnSequences makes Apply return the outputs of all steps [N,T,Units]
	// instead of the last step's [N,Units].
	ReturnSequences bool
	// Reverse runs from the last step in time to the first. Outputs stay in the
	// input's order; the last step of the run is then the first in time.
	Reverse bool
	// Bidirectional runs two layers, one in each direction, with parameters in the
	// scopes "forward" and "backward" (Schuster and Paliwal 1997). Their outputs are
	// concatenated: [N,T,2*Units], or [N,2*Units] of the last step of each.
	Bidirectional bool
	// Layers is the number of stacked layers, with parameters in the scopes "layer0",
	// "layer1", ...; 0 means 1. A single layer has no such scope.
	Layers int
	// Dropout is the rate of dropout in training, from 0 to below 1, of the outputs
	// of each layer except the last; see the layer Dropout.
	Dropout float64
	// Steps is the number of steps for an input x [N,D] that is the same at every
	// step. It replaces RepeatVector, and projects the input only once.
	Steps int
	// The initial values of the parameters; nil means those described above.
	InitX, InitH, InitBias Init
}

// LSTM is a layer of long short-term memory; lower.CellLSTM has the formula.
type LSTM Recurrent

// GRU is a layer of gated recurrent units; lower.CellGRU has the formula.
type GRU Recurrent

// RNN is a layer of plain recurrent units, h' = tanh(x wx + h wh + b) (Elman 1990).
type RNN Recurrent

// Apply adds the layer to the graph.
func (l LSTM) Apply(b *Builder, x *Node) *Node { return Recurrent(l).apply(b, lower.CellLSTM, x, nil) }

// Apply adds the layer to the graph.
func (l GRU) Apply(b *Builder, x *Node) *Node { return Recurrent(l).apply(b, lower.CellGRU, x, nil) }

// Apply adds the layer to the graph.
func (l RNN) Apply(b *Builder, x *Node) *Node { return Recurrent(l).apply(b, lower.CellRNN, x, nil) }

// ApplyLengths adds the layer over sequences of different lengths [N], whole
// numbers from 0 to T. It does not read steps beyond a sequence's length, and their
// outputs are 0. The last step is that of the sequence, and a run in reverse starts
// there.
func (l LSTM) ApplyLengths(b *Builder, x, lengths *Node) *Node {
	return Recurrent(l).applyLengths(b, lower.CellLSTM, x, lengths)
}

// ApplyLengths adds the layer over sequences of different lengths; see LSTM.ApplyLengths.
func (l GRU) ApplyLengths(b *Builder, x, lengths *Node) *Node {
	return Recurrent(l).applyLengths(b, lower.CellGRU, x, lengths)
}

// ApplyLengths adds the layer over sequences of different lengths; see LSTM.ApplyLengths.
func (l RNN) ApplyLengths(b *Builder, x, lengths *Node) *Node {
	return Recurrent(l).applyLengths(b, lower.CellRNN, x, lengths)
}

// ApplyFrom adds the layer with a given state before the first step. It returns the
// outputs of all steps [N,T,Units], and the state after the last, from which another
// layer can start. The zero LSTMState is a state of zeros. It is for one layer in one
// direction.
func (l LSTM) ApplyFrom(b *Builder, x *Node, from LSTMState) (h *Node, last LSTMState) {
	var initial []*Node
	if from != (LSTMState{}) {
		initial = []*Node{from.H, from.C}
	}
	h, states := Recurrent(l).applyFrom(b, lower.CellLSTM, x, initial)
	if h == nil {
		return nil, LSTMState{}
	}
	return h, LSTMState{states[0], states[1]}
}

// ApplyFrom adds the layer with a given state [N,Units] before the first step, or
// zeros if it is nil; see LSTM.ApplyFrom.
func (l GRU) ApplyFrom(b *Builder, x, h0 *Node) (h, last *Node) {
	return Recurrent(l).applyFromH(b, lower.CellGRU, x, h0)
}

// ApplyFrom adds the layer with a given state [N,Units] before the first step, or
// zeros if it is nil; see LSTM.ApplyFrom.
func (l RNN) ApplyFrom(b *Builder, x, h0 *Node) (h, last *Node) {
	return Recurrent(l).applyFromH(b, lower.CellRNN, x, h0)
}

func (l Recurrent) applyFromH(b *Builder, cell lower.Cell, x, h0 *Node) (h, last *Node) {
	var initial []*Node
	if h0 != nil {
		initial = []*Node{h0}
	}
	h, states := l.applyFrom(b, cell, x, initial)
	if h == nil {
		return nil, nil
	}
	return h, states[0]
}

func (l Recurrent) applyFrom(b *Builder, cell lower.Cell, x *Node, initial []*Node) (h *Node, states []*Node) {
	if b.Err() == nil && (l.Bidirectional || l.Layers > 1) {
		b.Failf("%v: a given state is for one layer in one direction: apply the layers one by one", cell)
	}
	x = l.sequence(b, cell, x)
	if x == nil {
		return nil, nil
	}
	h, states = l.run(b, cell, x, initial, l.Reverse)
	return b.Layer(kindOf(cell), h), states
}

// kindOf is the layer's kind in summaries.
func kindOf(cell lower.Cell) string {
	return map[lower.Cell]string{lower.CellLSTM: "LSTM", lower.CellGRU: "GRU", lower.CellRNN: "RNN"}[cell]
}

// sequence is x as a sequence. If the layer cannot run over x, it is nil and records
// the mistake.
func (l Recurrent) sequence(b *Builder, cell lower.Cell, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	s := x.Shape()
	switch {
	case l.Units < 1:
		b.Failf("%v: %d units: want at least 1", cell, l.Units)
	case l.Layers < 0:
		b.Failf("%v: %d layers: want at least 1, or 0 for 1", cell, l.Layers)
	case !(l.Dropout >= 0 && l.Dropout < 1):
		b.Failf("%v: dropout %g: want a share from 0 to below 1", cell, l.Dropout)
	case l.Steps < 0:
		b.Failf("%v: %d steps: want at least 1, or 0 for the steps of the input", cell, l.Steps)
	case l.Steps == 0 && len(s) != 3:
		b.Failf("%v: x is %v, want a sequence [N,T,D], or [N,D] and Steps", cell, Shape(s))
	case l.Steps > 0 && len(s) != 2:
		b.Failf("%v: x is %v, with Steps want [N,D], the same at every step", cell, Shape(s))
	}
	if b.Err() != nil {
		return nil
	}
	if l.Steps > 0 {
		x = b.Reshape(x, s[0], 1, s[1])
	}
	return x
}

// run adds the op of one layer in one direction.
func (l Recurrent) run(b *Builder, cell lower.Cell, x *Node, initial []*Node, reverse bool) (h *Node, states []*Node) {
	if x == nil || b.Err() != nil {
		return nil, nil
	}
	return b.recur(cell, x, l.weights(b, cell, x.Shape()[2]), initial, Recurrence{Steps: l.Steps, Reverse: reverse})
}

// weights returns the parameters for an input of that many features.
func (l Recurrent) weights(b *Builder, cell lower.Cell, features int) RecurrentWeights {
	or := func(init, byDefault Init) Init {
		if init == nil {
			return byDefault
		}
		return init
	}
	step := cell.Step()
	bias := Zeros()
	if cell == lower.CellLSTM {
		bias = Sections(0, Zeros(), Ones(), Zeros(), Zeros())
	}
	return RecurrentWeights{
		Wx:   b.Param("wx", or(l.InitX, Blocks(1, step.Gates, GlorotUniform(0, 0))), features, step.Gates*l.Units),
		Wh:   b.Param("wh", or(l.InitH, Blocks(1, step.Gates, Orthogonal(1))), l.Units, step.Gates*l.Units),
		Bias: b.Param("b", or(l.InitBias, bias), step.Biases*l.Units),
	}
}

// apply adds all layers in all directions. If lengths is nil, all sequences are as
// long as x.
func (l Recurrent) apply(b *Builder, cell lower.Cell, x *Node, lengths *sequenceLengths) *Node {
	x = l.sequence(b, cell, x)
	if x == nil {
		return nil
	}
	layers := max(1, l.Layers)
	for k := range layers {
		in := b
		if layers > 1 {
			in = b.Scope(fmt.Sprintf("layer%d", k))
		}
		last := k == layers-1
		y := l.directions(in, cell, x, lengths, !last || l.ReturnSequences)
		if lengths != nil {
			y = lengths.masked(in, y) // once for both directions
		}
		if l.Dropout > 0 && !last {
			y = Dropout{Rate: l.Dropout}.Apply(in.Scope("dropout"), y)
		}
		x, l.Steps = y, 0
	}
	return b.Layer(kindOf(cell), x)
}

// directions adds one layer in one direction or in both.
func (l Recurrent) directions(b *Builder, cell lower.Cell, x *Node, lengths *sequenceLengths, sequence bool) *Node {
	one := func(b *Builder, reverse bool) *Node {
		if lengths != nil {
			return lengths.run(b, l, cell, x, reverse, sequence)
		}
		h, states := l.run(b, cell, x, nil, reverse)
		if h == nil || sequence {
			return h
		}
		return states[0]
	}
	if !l.Bidirectional {
		return one(b, l.Reverse)
	}
	forward, backward := one(b.Scope("forward"), false), one(b.Scope("backward"), true)
	if forward == nil || backward == nil {
		return nil
	}
	return b.Concat(forward.Dims()-1, forward, backward)
}
