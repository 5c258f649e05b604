package graph

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// lstmAttrs is the attribute of lstm.
type lstmAttrs struct {
	Steps   int  // T
	Reverse bool // the first step is the last in time
	Initial bool // the state before the first step is given
}

// prim is the primitive of the same attributes.
func (a lstmAttrs) prim() lower.Recur {
	return lower.Recur{Cell: lower.CellLSTM, Steps: a.Steps, Reverse: a.Reverse, Initial: a.Initial}
}

// at is the time of the k-th step.
func (a lstmAttrs) at(k int) int {
	if a.Reverse {
		return a.Steps - 1 - k
	}
	return k
}

// lstmOp runs an LSTM over a whole sequence. Operands: x [N,T,D], or [N,1,D]
// which every step reads; wx [D,4H], wh [H,4H], bias [4H], the gates in the
// order i, f, g, o; h0, c0 [N,H] if Initial. Results: the outputs h [N,T,H];
// the last step's h and c [N,H]; and for the gradient alone, as lower.Recur has
// them, the cells [T,N,H] and the activated gates [T,N,4H].
func lstmOp() Op[lstmAttrs] {
	return Op[lstmAttrs]{
		Name:  "lstm",
		Arity: -1,
		Shape: func(a lstmAttrs, in []Shape) ([]Shape, error) {
			x := in[0]
			if len(x) != 3 || x[1] != a.Steps && x[1] != 1 {
				return nil, fmt.Errorf("x is %v, want [N,%d,D], or [N,1,D] for the same input at every step", x, a.Steps)
			}
			seq, err := a.prim().Infer(in)
			if err != nil {
				return nil, err
			}
			state := Shape{x[0], seq[0][2]}
			return []Shape{seq[0], state, state, seq[1], seq[2]}, nil
		},
		Define: defineLSTM,
		Lower: func(a lstmAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			seq := f.Apply(a.prim(), in...)
			t, state := a.at(a.Steps-1), []int{f.Shape(in[0])[0], f.Shape(in[2])[0]}
			h := f.Reshape(f.Slice(seq[0], 1, t, t+1, 1), state...)
			c := f.Reshape(f.Slice(seq[1], 0, t, t+1, 1), state...)
			return []lower.Value{seq[0], h, c, seq[1], seq[2]}
		},
		Grad: pullLSTM,
	}
}

// defineLSTM fills the results from the operands, a sample and a step at a time.
func defineLSTM(a lstmAttrs, in, out []Array) {
	x, wx, wh, bias := in[0], in[1], in[2], in[3]
	units := wh.Shape[0]
	for n := range x.Shape[0] {
		h, c := make([]float64, units), make([]float64, units)
		if a.Initial {
			for u := range units {
				h[u], c[u] = in[4].At(n, u), in[5].At(n, u)
			}
		}
		for k := range a.Steps {
			t := a.at(k)
			z := make([]float64, 4*units)
			for j := range z {
				z[j] = bias.At(j)
				for d := range wx.Shape[0] {
					z[j] += x.At(n, min(t, x.Shape[1]-1), d) * wx.At(d, j)
				}
				for u := range units {
					z[j] += h[u] * wh.At(u, j)
				}
			}
			for u := range units {
				i, f, g, o := logistic(z[u]), logistic(z[units+u]), math.Tanh(z[2*units+u]), logistic(z[3*units+u])
				c[u] = f*c[u] + i*g
				h[u] = o * math.Tanh(c[u])
				out[0].Set(h[u], n, t, u)
				out[3].Set(c[u], t, n, u)
				for k, v := range []float64{i, f, g, o} {
					out[4].Set(v, t, n, k*units+u)
				}
			}
		}
		for u := range units {
			out[1].Set(h[u], n, u)
			out[2].Set(c[u], n, u)
		}
	}
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// LSTMWeights are the weights of an LSTM of H units over D features: Wx
// [D,4H], Wh [H,4H] and Bias [4H]. Their columns are the gates, H of each, in
// the order input i, forget f, candidate g, output o, which is also PyTorch's.
type LSTMWeights struct{ Wx, Wh, Bias *Node }

// LSTMState is the state of an LSTM between two steps, H and C [N,H] each. The
// zero LSTMState is a state of zeros.
type LSTMState struct{ H, C *Node }

// Recurrence says how a recurrent op goes through its input.
type Recurrence struct {
	// Steps is how often an input of one step, [N,1,D], is read. It is projected
	// once, not at each step. 0 is as many steps as the input has.
	Steps int
	// Reverse starts at the last step in time; outputs stay in the input's order.
	Reverse bool
}

// LSTM runs an LSTM (see lower.CellLSTM for its formula) over a sequence x
// [N,T,D] and returns the outputs of all steps [N,T,H] and the state after the
// last, which is that at time 0 in reverse. An x of [N,1,D] is read at each of
// r.Steps steps. It can be differentiated once.
func (b *Builder) LSTM(x *Node, w LSTMWeights, from LSTMState, r Recurrence) (h *Node, last LSTMState) {
	if b.Err() != nil {
		return nil, LSTMState{}
	}
	a := lstmAttrs{Steps: r.Steps, Reverse: r.Reverse}
	if x != nil && x.Dims() != 3 {
		b.Failf("lstm: x is %v, want a sequence [N,T,D]", Shape(x.Shape()))
		return nil, LSTMState{}
	}
	if x != nil && a.Steps == 0 {
		a.Steps = x.Shape()[1]
	}
	in := []*Node{x, w.Wx, w.Wh, w.Bias}
	if from != (LSTMState{}) {
		a.Initial = true
		in = append(in, from.H, from.C)
	}
	out := lstmOp().ApplyAll(b, a, in...)
	if out == nil || b.Err() != nil {
		return nil, LSTMState{}
	}
	return out[0], LSTMState{out[1], out[2]}
}
