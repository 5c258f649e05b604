package graph

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// recurAttrs are the attributes of a recurrent op.
type recurAttrs struct {
	Cell    lower.Cell
	Steps   int  // T
	Reverse bool // step 0 is the last in time
	Initial bool // the state before the first step is an operand
}

// prim is the primitive with the same attributes.
func (a recurAttrs) prim() lower.Recur {
	return lower.Recur{Cell: a.Cell, Steps: a.Steps, Reverse: a.Reverse, Initial: a.Initial}
}

// at is the time of step k.
func (a recurAttrs) at(k int) int { return a.prim().Time(k) }

// states is the number of states of the cell: h, and c if it has one.
func (a recurAttrs) states() int { return len(a.Cell.Step().NextStates) }

// recurOp runs a cell over a whole sequence. Its operands are x [N,T,D], or [N,1,D] if
// every step reads the same input; wx, wh and bias, as in lower.Recur; and, if
// Initial, the states [N,H] before the first step. Its results are the outputs h
// [N,T,H] and the last step's states [N,H]. For the gradient alone it also returns
// the other states of all steps and the cell's saved values, as in lower.Recur.
func recurOp(cell lower.Cell) Op[recurAttrs] {
	return Op[recurAttrs]{
		Name:  cell.String(),
		Arity: -1,
		Shape: func(a recurAttrs, in []Shape) ([]Shape, error) {
			x := in[0]
			if len(x) != 3 || x[1] != a.Steps && x[1] != 1 {
				return nil, fmt.Errorf("x is %v, want [N,%d,D], or [N,1,D] for the same input at every step", x, a.Steps)
			}
			seq, err := a.prim().Infer(in)
			if err != nil {
				return nil, err
			}
			out := []Shape{seq[0]}
			for range a.states() {
				out = append(out, Shape{x[0], seq[0][2]})
			}
			return append(out, seq[1:]...), nil
		},
		Define: defineRecur,
		Lower: func(a recurAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			seq := f.Apply(a.prim(), in...)
			out := []lower.Value{seq[0]}
			last := a.at(a.Steps - 1)
			for s := range a.states() {
				axis := 0 // the time axis; that of h is 1
				if s == 0 {
					axis = 1
				}
				out = append(out, f.Reshape(f.Slice(seq[s], axis, last, last+1, 1), f.Shape(in[0])[0], f.Shape(in[2])[0]))
			}
			return append(out, seq[1:a.states()+1]...)
		},
		Grad: pullRecur,
	}
}

// cellDefinitions compute one step of each cell for one unit. They take the gates'
// projections of the input and of the state, the biases and the states. They return
// the states after the step and the saved values.
var cellDefinitions = [...]func(zx, zh, bias, state []float64) (next, saved []float64){
	lower.CellLSTM: func(zx, zh, bias, state []float64) (next, saved []float64) {
		z := func(g int) float64 { return zx[g] + zh[g] + bias[g] }
		i, f, g, o := logistic(z(0)), logistic(z(1)), math.Tanh(z(2)), logistic(z(3))
		c := f*state[1] + i*g
		return []float64{o * math.Tanh(c), c}, []float64{i, f, g, o}
	},
	lower.CellGRU: func(zx, zh, bias, state []float64) (next, saved []float64) {
		r, u := logistic(zx[0]+zh[0]+bias[0]), logistic(zx[1]+zh[1]+bias[1])
		q := zh[2] + bias[3]
		n := math.Tanh(zx[2] + bias[2] + r*q)
		return []float64{(1-u)*n + u*state[0]}, []float64{r, u, q, n}
	},
	lower.CellRNN: func(zx, zh, bias, state []float64) (next, saved []float64) {
		h := math.Tanh(zx[0] + zh[0] + bias[0])
		return []float64{h}, []float64{h}
	},
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// blocks returns the elements of unit u in x, a vector of blocks of the given number
// of units.
func blocks(x []float64, units, u int) []float64 {
	var out []float64
	for i := u; i < len(x); i += units {
		out = append(out, x[i])
	}
	return out
}

// project is the vector x times the matrix w.
func project(x func(i int) float64, w Array) []float64 {
	z := make([]float64, w.Shape[1])
	for j := range z {
		for i := range w.Shape[0] {
			z[j] += x(i) * w.At(i, j)
		}
	}
	return z
}

// defineRecur computes the results, one sample and one step at a time.
func defineRecur(a recurAttrs, in, out []Array) {
	x, wx, wh, bias := in[0], in[1], in[2], in[3]
	units, states := wh.Shape[0], a.states()
	sequences, saved := out[states+1:2*states], out[2*states] // sequences of the states other than h
	for n := range x.Shape[0] {
		state := make([][]float64, units) // by unit
		for u := range state {
			state[u] = make([]float64, states)
			for s := range states {
				if a.Initial {
					state[u][s] = in[4+s].At(n, u)
				}
			}
		}
		for k := range a.Steps {
			t := a.at(k)
			zx := project(func(d int) float64 { return x.At(n, min(t, x.Shape[1]-1), d) }, wx)
			zh := project(func(u int) float64 { return state[u][0] }, wh)
			for u := range units {
				next, save := cellDefinitions[a.Cell](blocks(zx, units, u), blocks(zh, units, u), blocks(bias.Data, units, u), state[u])
				state[u] = next
				out[0].Set(next[0], n, t, u)
				for s, seq := range sequences {
					seq.Set(next[s+1], t, n, u)
				}
				for i, v := range save {
					saved.Set(v, t, n, i*units+u)
				}
			}
		}
		for u := range units {
			for s, v := range state[u] {
				out[1+s].Set(v, n, u)
			}
		}
	}
}

// Recurrence says how a recurrent op runs over its input.
type Recurrence struct {
	// Steps is the number of steps over an input of one step, [N,1,D], which is
	// projected only once. 0 means the number of steps of the input.
	Steps int
	// Reverse runs from the last step in time to the first; outputs stay in the
	// input's order.
	Reverse bool
}

// RecurrentWeights are the weights of a recurrent cell of H units over D features:
// Wx [D,G*H], Wh [H,G*H] and Bias [B*H]. The matrices have a block of H columns for
// each of the cell's G gates, and the bias has B blocks. Blocks are in the order of
// the formulas in package lower, which is also PyTorch's. For an LSTM, G and B are 4;
// for a GRU, G is 3 and B is 4; for a plain recurrence both are 1.
type RecurrentWeights struct{ Wx, Wh, Bias *Node }

// LSTMState is the state of an LSTM between two steps, H and C [N,H] each. The
// zero LSTMState is a state of zeros.
type LSTMState struct{ H, C *Node }

// LSTM runs an LSTM (see lower.CellLSTM for its formula) over a sequence x
// [N,T,D]. It returns the outputs of all steps [N,T,H] and the state after the last
// step, which is that of time 0 in reverse. An x of [N,1,D] is the input of each of
// r.Steps steps. It can be differentiated once.
func (b *Builder) LSTM(x *Node, w RecurrentWeights, from LSTMState, r Recurrence) (h *Node, last LSTMState) {
	var initial []*Node
	if from != (LSTMState{}) {
		initial = []*Node{from.H, from.C}
	}
	h, states := b.recur(lower.CellLSTM, x, w, initial, r)
	if h == nil {
		return nil, LSTMState{}
	}
	return h, LSTMState{states[0], states[1]}
}

// GRU runs a gated recurrent unit (see lower.CellGRU for its formula) over a
// sequence x [N,T,D] from the state h0 [N,H], or from zeros if it is nil. It returns
// the outputs of all steps [N,T,H] and that of the last step. Otherwise it is like
// LSTM.
func (b *Builder) GRU(x *Node, w RecurrentWeights, h0 *Node, r Recurrence) (h, last *Node) {
	return b.recurOfH(lower.CellGRU, x, w, h0, r)
}

// RNN runs the plain recurrence h' = tanh(x Wx + h Wh + Bias) of Elman (1990) over a
// sequence x [N,T,D] from the state h0 [N,H], or from zeros if it is nil. Otherwise it
// is like GRU.
func (b *Builder) RNN(x *Node, w RecurrentWeights, h0 *Node, r Recurrence) (h, last *Node) {
	return b.recurOfH(lower.CellRNN, x, w, h0, r)
}

func (b *Builder) recurOfH(cell lower.Cell, x *Node, w RecurrentWeights, h0 *Node, r Recurrence) (h, last *Node) {
	var initial []*Node
	if h0 != nil {
		initial = []*Node{h0}
	}
	h, states := b.recur(cell, x, w, initial, r)
	if h == nil {
		return nil, nil
	}
	return h, states[0]
}

// recur runs a cell and returns the outputs of all steps and the states after the
// last.
func (b *Builder) recur(cell lower.Cell, x *Node, w RecurrentWeights, initial []*Node, r Recurrence) (h *Node, states []*Node) {
	if b.Err() != nil {
		return nil, nil
	}
	a := recurAttrs{Cell: cell, Steps: r.Steps, Reverse: r.Reverse, Initial: len(initial) > 0}
	if x != nil && x.Dims() != 3 {
		b.Failf("%v: x is %v, want a sequence [N,T,D]", cell, Shape(x.Shape()))
		return nil, nil
	}
	if x != nil && a.Steps == 0 {
		a.Steps = x.Shape()[1]
	}
	out := recurOp(cell).ApplyAll(b, a, append([]*Node{x, w.Wx, w.Wh, w.Bias}, initial...)...)
	if out == nil || b.Err() != nil {
		return nil, nil
	}
	return out[0], out[1 : 1+a.states()]
}
