package graph

// LSTM is a layer of long short-term memory over a sequence x [N,T,D], from a
// state of zeros; lower.CellLSTM has the formula. Its parameters are "wx"
// [D,4*Units], "wh" [Units,4*Units] and "b" [4*Units], with a block of columns
// for each gate in the order i, f, g, o. They start as is usual: blocks of wx
// at Glorot's uniform, blocks of wh orthogonal (Saxe et al. 2014), the bias at
// 0 but for the forget gate's at 1 (Jozefowicz et al. 2015).
type LSTM struct {
	Units int
	// ReturnSequences makes Apply return the outputs of all steps [N,T,Units]
	// instead of the last step's [N,Units].
	ReturnSequences bool
	// Reverse starts at the last step in time. Outputs stay in the input's
	// order; the last step is then the first in time.
	Reverse bool
	// Steps is for an input that is the same at every step, x [N,D]: how many
	// there are. This is RepeatVector without projecting the copies.
	Steps int
	// The starts of the parameters; nil is what is said above.
	InitX, InitH, InitBias Init
}

// Apply adds the layer to the graph.
func (l LSTM) Apply(b *Builder, x *Node) *Node {
	h, last := l.run(b, x, LSTMState{})
	if l.ReturnSequences {
		return b.Layer("LSTM", h)
	}
	return b.Layer("LSTM", last.H)
}

// ApplyFrom adds the layer with a given state before the first step and
// returns the outputs of all steps [N,T,Units] and the state after the last,
// for another layer to start from. The zero LSTMState is a state of zeros.
func (l LSTM) ApplyFrom(b *Builder, x *Node, from LSTMState) (h *Node, last LSTMState) {
	h, last = l.run(b, x, from)
	return b.Layer("LSTM", h), last
}

func (l LSTM) run(b *Builder, x *Node, from LSTMState) (h *Node, last LSTMState) {
	if x == nil || b.Err() != nil {
		return nil, LSTMState{}
	}
	s := x.Shape()
	switch {
	case l.Units < 1:
		b.Failf("lstm: %d units: want at least 1", l.Units)
	case l.Steps < 0:
		b.Failf("lstm: %d steps: want at least 1, or 0 for those of the input", l.Steps)
	case l.Steps == 0 && len(s) != 3:
		b.Failf("lstm: x is %v, want a sequence [N,T,D], or [N,D] and Steps", Shape(s))
	case l.Steps > 0 && len(s) != 2:
		b.Failf("lstm: x is %v, with Steps want [N,D], the same at every step", Shape(s))
	}
	if b.Err() != nil {
		return nil, LSTMState{}
	}
	if l.Steps > 0 {
		x = b.Reshape(x, s[0], 1, s[1])
	}
	return b.LSTM(x, l.weights(b, s[len(s)-1]), from, Recurrence{Steps: l.Steps, Reverse: l.Reverse})
}

// weights returns the parameters for an input of that many features.
func (l LSTM) weights(b *Builder, features int) LSTMWeights {
	or := func(init, usual Init) Init {
		if init == nil {
			return usual
		}
		return init
	}
	forget := Sections(0, Zeros(), Ones(), Zeros(), Zeros())
	return LSTMWeights{
		Wx:   b.Param("wx", or(l.InitX, Blocks(1, 4, GlorotUniform(0, 0))), features, 4*l.Units),
		Wh:   b.Param("wh", or(l.InitH, Blocks(1, 4, Orthogonal(1))), l.Units, 4*l.Units),
		Bias: b.Param("b", or(l.InitBias, forget), 4*l.Units),
	}
}
