package seq

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Cell names the recurrent cell of all layers; "" is LSTM.
type Cell string

const (
	LSTM Cell = "lstm" // long short-term memory (Hochreiter and Schmidhuber 1997)
	GRU  Cell = "gru"  // gated recurrent unit (Cho et al. 2014)
	RNN  Cell = "rnn"  // plain recurrence (Elman 1990)
)

// Check returns an error unless the cell is "" or one of the above.
func (c Cell) Check() error {
	switch c {
	case "", LSTM, GRU, RNN:
		return nil
	}
	return fmt.Errorf("%q is unknown: want %q, %q or %q", string(c), string(LSTM), string(GRU), string(RNN))
}

// String returns the cell's name.
func (c Cell) String() string {
	if c == "" {
		return string(LSTM)
	}
	return string(c)
}

// recurrent is a layer of any cell.
type recurrent interface {
	Apply(b *graph.Builder, x *graph.Node) *graph.Node
	ApplyLengths(b *graph.Builder, x, lengths *graph.Node) *graph.Node
}

// layer returns the layer of this cell with those settings.
func (c Cell) layer(r graph.Recurrent) recurrent {
	switch c {
	case GRU:
		return graph.GRU(r)
	case RNN:
		return graph.RNN(r)
	}
	return graph.LSTM(r)
}

// states is the number of arrays in the cell's state.
func (c Cell) states() int {
	if c == GRU || c == RNN {
		return 1
	}
	return 2
}

// step runs one step over x [N,D] from a state, which is empty before the first step.
// It returns the output [N,units] and the next state.
func (c Cell) step(b *graph.Builder, units int, x *graph.Node, state []*graph.Node) (h *graph.Node, next []*graph.Node) {
	if x == nil || b.Err() != nil {
		return nil, nil
	}
	x = b.Reshape(x, x.Shape()[0], 1, x.Shape()[1])
	r := graph.Recurrent{Units: units}
	if c.states() == 2 {
		var from, last graph.LSTMState
		if len(state) > 0 {
			from = graph.LSTMState{H: state[0], C: state[1]}
		}
		_, last = graph.LSTM(r).ApplyFrom(b, x, from)
		return last.H, []*graph.Node{last.H, last.C}
	}
	var h0 *graph.Node
	if len(state) > 0 {
		h0 = state[0]
	}
	if c == GRU {
		_, h = graph.GRU(r).ApplyFrom(b, x, h0)
	} else {
		_, h = graph.RNN(r).ApplyFrom(b, x, h0)
	}
	return h, []*graph.Node{h}
}

// scope is the scope of layer i.
func (c Cell) scope(b *graph.Builder, i int) *graph.Builder {
	return b.Scope(fmt.Sprintf("%s%d", c, i+1))
}
