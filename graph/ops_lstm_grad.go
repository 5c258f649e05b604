package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// lstmGradAttrs is the attribute of lstm_grad: what it is the gradient of, the
// results whose gradients are given, and the operands whose gradients are asked for.
type lstmGradAttrs struct {
	Of                    lstmAttrs
	Outputs, LastH, LastC bool
	X, Weights, State     bool
}

func (a lstmGradAttrs) prim() lower.RecurGrad {
	return lower.RecurGrad{Of: a.Of.prim(), Outputs: a.Outputs, LastH: a.LastH, LastC: a.LastC, X: a.X, Weights: a.Weights, State: a.State}
}

// saved is where lstm's outputs and saved results start among the operands.
func (a lstmGradAttrs) saved() int {
	if a.Of.Initial {
		return 5
	}
	return 3
}

// pullLSTM is the gradient of lstm. The saved results are read by lstm_grad
// alone, so no gradient comes from them.
func pullLSTM(a lstmAttrs, p *Pull) []*Node {
	g := lstmGradAttrs{
		Of:      a,
		Outputs: p.Grad[0] != nil, LastH: p.Grad[1] != nil, LastC: p.Grad[2] != nil,
		X: p.Want[0], Weights: p.Want[1] || p.Want[2] || p.Want[3], State: a.Initial && (p.Want[4] || p.Want[5]),
	}
	in := append([]*Node(nil), p.In[:3]...)
	in = append(in, p.In[4:]...)
	in = append(in, p.Out[0], p.Out[3], p.Out[4])
	for _, n := range p.Grad[:3] {
		if n != nil {
			in = append(in, n)
		}
	}
	gs := make([]*Node, len(p.In))
	out := lstmGradOp().ApplyAll(p.B, g, in...)
	if out == nil || p.B.Err() != nil {
		return gs
	}
	if g.X {
		gs[0], out = out[0], out[1:]
	}
	if g.Weights {
		out = out[copy(gs[1:4], out):]
	}
	copy(gs[4:], out)
	return gs
}

// lstmGradOp is the gradient of lstm, back through all steps. Operands: x, wx,
// wh, and h0 and c0 if given; the outputs and the two saved results; then the
// gradients that are given, of the outputs [N,T,H], of the last h and of the
// last c [N,H]. Results: the gradients asked for, of x, with the steps summed
// where all read the same; of wx, wh and bias; of h0 and c0. It has no
// gradient itself.
func lstmGradOp() Op[lstmGradAttrs] {
	return Op[lstmGradAttrs]{
		Name:   "lstm_grad",
		Arity:  -1,
		Shape:  func(a lstmGradAttrs, in []Shape) ([]Shape, error) { return a.prim().Infer(in) },
		Define: defineLSTMGrad,
		Lower: func(a lstmGradAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(a.prim(), in...)
		},
	}
}

// defineLSTMGrad fills the results from the operands, back through the steps
// of one sample after the other.
func defineLSTMGrad(a lstmGradAttrs, in, out []Array) {
	x, wx, wh, first := in[0], in[1], in[2], a.saved()
	features, units := wx.Shape[0], wh.Shape[0]
	h, cells, gates := in[first], in[first+1], in[first+2]
	given := present(in[first+3:], a.Outputs, a.LastH, a.LastC)
	dOut, dLastH, dLastC := given[0], given[1], given[2]
	asked := present(out, a.X, a.Weights, a.Weights, a.Weights, a.State, a.State)
	dx, dwx, dwh, db, dh0, dc0 := asked[0], asked[1], asked[2], asked[3], asked[4], asked[5]
	for n := range x.Shape[0] {
		dh, dc := make([]float64, units), make([]float64, units) // of the state after the step at hand
		for u := range units {
			dh[u], dc[u] = dLastH.at(n, u), dLastC.at(n, u)
		}
		for k := a.Of.Steps - 1; k >= 0; k-- {
			t := a.Of.at(k)
			tx := min(t, x.Shape[1]-1)
			hPrev, cPrev := make([]float64, units), make([]float64, units)
			for u := range units {
				if k > 0 {
					hPrev[u], cPrev[u] = h.At(n, a.Of.at(k-1), u), cells.At(a.Of.at(k-1), n, u)
				} else if a.Of.Initial {
					hPrev[u], cPrev[u] = in[3].At(n, u), in[4].At(n, u)
				}
			}
			dz := make([]float64, 4*units)
			for u := range units {
				i, f, g, o := gates.At(t, n, u), gates.At(t, n, units+u), gates.At(t, n, 2*units+u), gates.At(t, n, 3*units+u)
				tc := math.Tanh(cells.At(t, n, u))
				dh[u] += dOut.at(n, t, u)
				dc[u] += dh[u] * o * (1 - tc*tc)
				dz[u] = dc[u] * g * i * (1 - i)
				dz[units+u] = dc[u] * cPrev[u] * f * (1 - f)
				dz[2*units+u] = dc[u] * i * (1 - g*g)
				dz[3*units+u] = dh[u] * tc * o * (1 - o)
				dc[u] *= f
			}
			clear(dh)
			for j, v := range dz {
				for d := range features {
					dx.add(v*wx.At(d, j), n, tx, d)
					dwx.add(v*x.At(n, tx, d), d, j)
				}
				for u := range units {
					dh[u] += v * wh.At(u, j)
					dwh.add(v*hPrev[u], u, j)
				}
				db.add(v, j)
			}
		}
		for u := range units {
			dh0.add(dh[u], n, u)
			dc0.add(dc[u], n, u)
		}
	}
}

// maybe is an array, or nil for zeros that nobody asks for.
type maybe struct{ *Array }

func (m maybe) at(idx ...int) float64 {
	if m.Array == nil {
		return 0
	}
	return m.At(idx...)
}

func (m maybe) add(v float64, idx ...int) {
	if m.Array != nil {
		m.Add(v, idx...)
	}
}

// present hands out the arrays to those that are there.
func present(arrays []Array, there ...bool) []maybe {
	out := make([]maybe, len(there))
	for i, yes := range there {
		if yes {
			out[i], arrays = maybe{&arrays[0]}, arrays[1:]
		}
	}
	return out
}
