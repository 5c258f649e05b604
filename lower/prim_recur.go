package lower

import (
	"fmt"
	"strings"
)

// Recur runs a recurrent cell over a whole sequence. For N samples, T steps, D
// features, H units and a cell with G gates and B blocks of bias the operands are
//
//	x [N,T,D], or [N,1,D]: the same input at each of the T steps, projected once
//	wx [D,G*H], wh [H,G*H], bias [B*H]
//	the states before the first step, [N,H] each, if Initial; else they are zero
//
// The results are h [N,T,H] and then, time first, what the gradient also reads: the
// other states after each step, [T,N,H] each, and the values that the cell saves,
// [T,N,k*H]. With Reverse, all of them are still in the input's order of time.
type Recur struct {
	Cell    Cell
	Steps   int  // T
	Reverse bool // the first step is the last in time
	Initial bool // the states before the first step are operands
}

// Time returns the time of the k-th step.
func (p Recur) Time(k int) int {
	if p.Reverse {
		return p.Steps - 1 - k
	}
	return k
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

// RecurGrad is the gradient of Recur. Its operands are x, wx, wh, the initial states
// if Initial, Recur's results, and the gradients of the loss that the flags select:
// of h [N,T,H], and of the last step's h and c, [N,H] each. Its results are the
// requested gradients: of x, summed over the steps if all read the same input; of wx,
// wh and bias; of the initial states.
type RecurGrad struct {
	Of Recur
	// Which gradients of the loss are operands. LastC is for cells that have a c.
	Outputs, LastH, LastC bool
	// Which gradients are results.
	X, Weights, State bool
}

func (p RecurGrad) String() string {
	return fmt.Sprintf("%v gradient[from%s, to%s]", p.Of,
		setFlags([]string{"outputs", "last h", "last c"}, p.Outputs, p.LastH, p.LastC),
		setFlags([]string{"x", "weights", "state"}, p.X, p.Weights, p.State))
}

// setFlags lists the names whose flag is set, with a space before each.
func setFlags(names []string, on ...bool) string {
	var b strings.Builder
	for i, name := range names {
		if on[i] {
			b.WriteString(" " + name)
		}
	}
	return b.String()
}
