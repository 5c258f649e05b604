package graph

import "github.com/stheno-ml/stheno/lower"

// recurGradAttrs are the attributes of a recurrent op's gradient: the attributes of
// the op, the results whose gradients are operands, and the operands whose gradients
// it computes.
type recurGradAttrs struct {
	Of                    recurAttrs
	Outputs, LastH, LastC bool
	X, Weights, State     bool
}

func (a recurGradAttrs) prim() lower.RecurGrad {
	return lower.RecurGrad{Of: a.Of.prim(), Outputs: a.Outputs, LastH: a.LastH, LastC: a.LastC, X: a.X, Weights: a.Weights, State: a.State}
}

// pullRecur is the gradient of a recurrent op. Only the gradient reads the saved
// results, so they have no gradients.
func pullRecur(a recurAttrs, p *Pullback) []*Node {
	states := a.states()
	g := recurGradAttrs{
		Of:      a,
		Outputs: p.Grad[0] != nil, LastH: p.Grad[1] != nil, LastC: states > 1 && p.Grad[2] != nil,
		X: p.Want[0], Weights: p.Want[1] || p.Want[2] || p.Want[3],
	}
	for i := range p.In[4:] {
		g.State = g.State || p.Want[4+i]
	}
	in := append([]*Node(nil), p.In[:3]...)
	in = append(in, p.In[4:]...)
	in = append(in, p.Out[0])
	in = append(in, p.Out[1+states:]...)
	for _, n := range p.Grad[:1+states] {
		if n != nil {
			in = append(in, n)
		}
	}
	gs := make([]*Node, len(p.In))
	out := recurGradOp(a.Cell).ApplyAll(p.B, g, in...)
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

// recurGradOp is the gradient of a recurrent op, back through all steps. Its operands
// are x, wx, wh and the initial states, if any; the outputs and the other saved
// results; and the gradients of the outputs [N,T,H] and of the last states [N,H], as
// far as they exist. Its results are the requested gradients: of x, summed over the
// steps if all read the same input; of wx, wh and bias; of the initial states. It has
// no gradient itself.
func recurGradOp(cell lower.Cell) Op[recurGradAttrs] {
	return Op[recurGradAttrs]{
		Name:   cell.String() + "_grad",
		Arity:  -1,
		Shape:  func(a recurGradAttrs, in []Shape) ([]Shape, error) { return a.prim().Infer(in) },
		Define: defineRecurGrad,
		Lower: func(a recurGradAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(a.prim(), in...)
		},
	}
}

// defineRecurGrad computes the results back through the steps, one sample at a time.
// A step of one unit is the gradient that package lower derives from the cell's
// formula.
func defineRecurGrad(a recurGradAttrs, in, out []Array) {
	x, wx, wh := in[0], in[1], in[2]
	states, units, cell := a.Of.states(), wh.Shape[0], a.Of.Cell.Step()
	grad := cell.Grad()
	in = in[3:]
	var initial []Array
	if a.Of.Initial {
		initial, in = in[:states], in[states:]
	}
	h, others, saved := in[0], in[1:states], in[states]
	outGrads := optionalArrays(in[states+1:], a.Outputs, a.LastH, a.LastC)
	grads := optionalArrays(out, a.X, a.Weights, a.Weights, a.Weights, a.State, a.State && states > 1)
	dx, dwx, dwh, db := grads[0], grads[1], grads[2], grads[3]
	// stateAt is state s of a sample after step k; k = -1 is before the first step.
	stateAt := func(k, s, n, u int) float64 {
		switch {
		case k < 0 && initial == nil:
			return 0
		case k < 0:
			return initial[s].At(n, u)
		case s == 0:
			return h.At(n, a.Of.at(k), u)
		}
		return others[s-1].At(a.Of.at(k), n, u)
	}
	for n := range x.Shape[0] {
		dState := make([][]float64, units) // gradients of the states after step k, by unit
		for u := range dState {
			for s := range states {
				dState[u] = append(dState[u], outGrads[1+s].at(n, u))
			}
		}
		for k := a.Of.Steps - 1; k >= 0; k-- {
			t := a.Of.at(k)
			tx := min(t, x.Shape[1]-1)
			dzx, dzh := make([]float64, wx.Shape[1]), make([]float64, wx.Shape[1])
			for u := range units {
				v := make([]float64, cell.GradStep(len(grad.Steps)))
				for s := range states {
					v[cell.State(s)], v[cell.NextStates[s]] = stateAt(k-1, s, n, u), stateAt(k, s, n, u)
					v[cell.NextStateGrad(s)] = dState[u][s]
				}
				v[cell.NextStateGrad(0)] += outGrads[0].at(n, t, u)
				for i, to := range cell.Saved {
					v[to] = saved.At(t, n, i*units+u)
				}
				for i, e := range grad.Steps {
					v[cell.GradStep(i)] = e.Eval(v...)
				}
				of := func(value int) float64 {
					if g := grad.Of[value]; g >= 0 {
						return v[g]
					}
					return 0
				}
				for g := range cell.Gates {
					dzx[g*units+u], dzh[g*units+u] = of(cell.Gate(g)), of(cell.GateOfState(g))
				}
				for i := range cell.Biases {
					db.add(of(cell.Bias(i)), i*units+u)
				}
				for s := range states {
					dState[u][s] = of(cell.State(s))
				}
			}
			for j := range dzx {
				for d := range wx.Shape[0] {
					dx.add(dzx[j]*wx.At(d, j), n, tx, d)
					dwx.add(dzx[j]*x.At(n, tx, d), d, j)
				}
				for u := range units {
					dState[u][0] += dzh[j] * wh.At(u, j)
					dwh.add(dzh[j]*stateAt(k-1, 0, n, u), u, j)
				}
			}
		}
		for u := range units {
			for s, v := range dState[u] {
				grads[4+s].add(v, n, u)
			}
		}
	}
}

// optionalArray is an array, or nil for an absent one: it reads as zeros and ignores
// additions.
type optionalArray struct{ *Array }

func (m optionalArray) at(idx ...int) float64 {
	if m.Array == nil {
		return 0
	}
	return m.At(idx...)
}

func (m optionalArray) add(v float64, idx ...int) {
	if m.Array != nil {
		m.Add(v, idx...)
	}
}

// optionalArrays assigns the arrays, in order, to the present entries.
func optionalArrays(arrays []Array, present ...bool) []optionalArray {
	out := make([]optionalArray, len(present))
	for i, yes := range present {
		if yes {
			out[i], arrays = optionalArray{&arrays[0]}, arrays[1:]
		}
	}
	return out
}
