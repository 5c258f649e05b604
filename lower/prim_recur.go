package lower

import (
	"fmt"
	"strings"
)

// Cell names a recurrent cell.
type Cell uint8

// CellLSTM is the long short-term memory of Hochreiter and Schmidhuber (1997)
// with the forget gate of Gers et al. (2000), without peepholes:
//
//	i, f, o = sigmoid(x wx + h wh + bias)   g = tanh(x wx + h wh + bias)
//	c' = f c + i g                          h' = o tanh(c')
//
// Its four gates lie in the columns of wx, wh and bias in the order i, f, g, o.
// Its states are h and c. It saves its cells c [T,N,H] and its gates after
// their activation, [T,N,4H].
const CellLSTM Cell = 0

// cells says what each cell needs. A further cell is a row here and its step
// forward and backward in recurCell; one whose gates see more of the state's
// projection than its sum with the input's, as the GRU's candidate does, also
// hands back a second gradient there.
var cells = [...]struct {
	name   string
	gates  int   // columns of the weights, in units of H
	states int   // what one step hands to the next: h, and for some cells c
	saved  []int // columns of what each step saves for the gradient, in units of H; c first where there is one
}{
	CellLSTM: {name: "lstm", gates: 4, states: 2, saved: []int{1, 4}},
}

// String returns the cell's name in listings.
func (c Cell) String() string {
	if int(c) >= len(cells) {
		return fmt.Sprintf("cell %d", uint8(c))
	}
	return cells[c].name
}

// Recur runs a recurrent cell over a whole sequence. Sequences are time-major:
// what one step reads lies together. For N samples, T steps, D features, H
// units and a cell of G gates the operands are
//
//	x [T,N,D], or [1,N,D]: the same input at each of the T steps, projected once
//	wx [D,G*H], wh [H,G*H], bias [G*H]
//	the state before the first step, h and c [N,H] each, if Initial; else it is zero
//
// and the results h [T,N,H] and what the cell saves, [T,N,k*H] each. They are
// in the input's order of time in reverse too.
type Recur struct {
	Cell    Cell
	Steps   int  // T
	Reverse bool // the first step is the last in time
	Initial bool // the state before the first step is given
}

func (p Recur) String() string {
	s := fmt.Sprintf("recur[%v, %d steps", p.Cell, p.Steps)
	if p.Reverse {
		s += ", reverse"
	}
	if p.Initial {
		s += ", initial state"
	}
	return s + "]"
}

// RecurGrad is the gradient of Recur. Its operands are x, wx, wh, the initial
// state if Initial, Recur's results, and those gradients of the loss that the
// flags say are there: of h [T,N,H], and of the last step's h and c, [N,H]
// each. Its results are those asked for: the gradients of x (summed over the
// steps where all read the same input); of wx, wh and bias; of the initial
// state.
type RecurGrad struct {
	Of Recur
	// Which gradients are given; LastC is for cells that have a c.
	Outputs, LastH, LastC bool
	// Which gradients are asked for.
	X, Weights, State bool
}

func (p RecurGrad) String() string {
	return fmt.Sprintf("%v gradient[from%s, to%s]", p.Of,
		setFlags([]string{"outputs", "last h", "last c"}, p.Outputs, p.LastH, p.LastC),
		setFlags([]string{"x", "weights", "state"}, p.X, p.Weights, p.State))
}

// setFlags lists the names whose flag is set, a space before each.
func setFlags(names []string, on ...bool) string {
	var b strings.Builder
	for i, name := range names {
		if on[i] {
			b.WriteString(" " + name)
		}
	}
	return b.String()
}
