package onnx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// cells say how the cells of ONNX are ours: for each of our blocks, the block of ONNX.
var cells = map[string]struct {
	blocks      []int
	activations []string
}{
	"LSTM": {[]int{0, 2, 3, 1}, []string{"sigmoid", "tanh", "tanh"}},
	"GRU":  {[]int{1, 0, 2}, []string{"sigmoid", "tanh"}},
	"RNN":  {[]int{0}, []string{"tanh"}},
}

// recur runs a cell over sequences, in one direction or in both.
func recur(c *call) ([]value, error) {
	in, err := c.all(3)
	if err != nil {
		return nil, err
	}
	batchFirst := c.int("layout", 0) != 0
	x, ws := in[0], in[1].Shape()
	if x.Dims() != 3 || len(ws) != 3 || in[2].Dims() != 3 {
		return nil, fmt.Errorf("x, w and r have shapes %v, %v and %v, want three axes", x.Shape(), ws, in[2].Shape())
	}
	if !batchFirst {
		x = c.b.Transpose(x, 1, 0, 2) // [N,T,D]
	}
	directions := map[string]int{"forward": 1, "reverse": 1, "bidirectional": 2}[c.text("direction", "forward")]
	units := in[2].Shape()[2]
	if err := c.checkRecur(directions, units, ws, in[2].Shape()); err != nil {
		return nil, err
	}
	var outputs []*graph.Node
	var states [2][]*graph.Node // h and c, by direction
	for d := range directions {
		w, err := c.recurrentWeights(in, d, units)
		if err != nil {
			return nil, err
		}
		var from [2]*graph.Node
		for k := range from {
			if from[k], err = c.initial(5+k, d, batchFirst); err != nil {
				return nil, err
			}
		}
		r := graph.Recurrence{Reverse: d == 1 || c.text("direction", "forward") == "reverse"}
		var y, h, s *graph.Node
		switch c.n.Op {
		case "LSTM":
			state := graph.LSTMState{H: from[0], C: from[1]}
			if zeros := (graph.LSTMState{}); state != zeros && (state.H == nil || state.C == nil) {
				zero := c.b.BroadcastTo(c.b.Number(0), x.Shape()[0], units)
				if state.H == nil {
					state.H = zero
				} else {
					state.C = zero
				}
			}
			var last graph.LSTMState
			y, last = c.b.LSTM(x, w, state, r)
			h, s = last.H, last.C
		case "GRU":
			y, h = c.b.GRU(x, w, from[0], r)
		default:
			y, h = c.b.RNN(x, w, from[0], r)
		}
		if err := c.b.Err(); err != nil {
			return nil, err
		}
		outputs = append(outputs, y)
		states[0] = append(states[0], h)
		if s != nil {
			states[1] = append(states[1], s)
		}
	}
	return c.recurResults(outputs, states, batchFirst)
}

// checkRecur returns an error for what our cells do not have.
func (c *call) checkRecur(directions, units int, w, r []int) error {
	cell := cells[c.n.Op]
	if directions == 0 {
		return fmt.Errorf("direction %q", c.text("direction", ""))
	}
	if w[0] != directions || r[0] != directions || w[1] != len(cell.blocks)*units || r[1] != w[1] {
		return fmt.Errorf("weights of shapes %v and %v for %d directions of %d units", w, r, directions, units)
	}
	if a := c.attribute("activations"); a != nil {
		for i, name := range a.Names {
			if !strings.EqualFold(name, cell.activations[i%len(cell.activations)]) {
				return fmt.Errorf("activations %q are not supported: want %q", a.Names, cell.activations)
			}
		}
	}
	switch {
	case c.attribute("clip") != nil || c.int("input_forget", 0) != 0 || c.has(7):
		return fmt.Errorf("clipping, coupled gates and peepholes are not supported")
	case c.has(4) && !c.fullLengths():
		return fmt.Errorf("sequences of different lengths, operand %q, are not supported", c.n.Inputs[4])
	case c.n.Op == "GRU" && c.int("linear_before_reset", 0) == 0:
		return fmt.Errorf("a reset gate before the product (linear_before_reset 0) is not supported")
	}
	return nil
}

// fullLengths reports whether the lengths are known and all are that of the sequence.
func (c *call) fullLengths() bool {
	steps := c.in[0].shape[0]
	if c.int("layout", 0) != 0 {
		steps = c.in[0].shape[1]
	}
	return c.in[4].isKnown() && !slices.ContainsFunc(c.in[4].known, func(n float64) bool { return n != float64(steps) })
}

// recurrentWeights returns the weights of a direction, with blocks in our order.
func (c *call) recurrentWeights(in []*graph.Node, d, units int) (w graph.RecurrentWeights, err error) {
	blocks := cells[c.n.Op].blocks
	ordered := func(x *graph.Node, order []int) *graph.Node { // by blocks along axis 0
		parts := make([]*graph.Node, len(order))
		for i, k := range order {
			parts[i] = c.b.Slice(x, 0, k*units, (k+1)*units)
		}
		if len(parts) == 1 {
			return parts[0]
		}
		return c.b.Concat(0, parts...)
	}
	matrix := func(x *graph.Node) *graph.Node { // [dirs, G*H, D] to [D, G*H]
		s := x.Shape()
		return c.b.Transpose(ordered(c.b.Reshape(c.b.Slice(x, 0, d, d+1), s[1], s[2]), blocks), 1, 0)
	}
	w.Wx, w.Wh = matrix(in[1]), matrix(in[2])
	count := len(blocks)
	all := count
	if c.n.Op == "GRU" {
		all = 4
	}
	if !c.has(3) {
		w.Bias = c.b.BroadcastTo(c.b.Number(0), all*units)
		return w, c.b.Err()
	}
	bias, err := c.x(3)
	if err != nil {
		return w, err
	}
	if s := bias.Shape(); len(s) != 2 || s[0] <= d || s[1] != 2*count*units {
		return w, fmt.Errorf("the bias has shape %v, want [%d %d]", s, d+1, 2*count*units)
	}
	flat := c.b.Reshape(c.b.Slice(bias, 0, d, d+1), 2*count*units)
	of := ordered(c.b.Slice(flat, 0, 0, count*units), blocks)
	state := ordered(c.b.Slice(flat, 0, count*units, 2*count*units), blocks)
	if c.n.Op != "GRU" {
		w.Bias = c.b.Add(of, state)
		return w, c.b.Err()
	}
	gates := c.b.Add(c.b.Slice(of, 0, 0, 2*units), c.b.Slice(state, 0, 0, 2*units))
	w.Bias = c.b.Concat(0, gates, c.b.Slice(of, 0, 2*units, 3*units), c.b.Slice(state, 0, 2*units, 3*units))
	return w, c.b.Err()
}

// initial returns the initial state of a direction [N,H], or nil if it is 0.
func (c *call) initial(i, d int, batchFirst bool) (*graph.Node, error) {
	if !c.has(i) || c.in[i].isKnown() && !slices.ContainsFunc(c.in[i].known, func(v float64) bool { return v != 0 }) {
		return nil, nil
	}
	x, err := c.x(i)
	if err != nil {
		return nil, err
	}
	axis, s := 0, x.Shape()
	if batchFirst {
		axis = 1
	}
	if len(s) != 3 || s[axis] <= d {
		return nil, fmt.Errorf("the initial state %q has shape %v", c.n.Inputs[i], s)
	}
	return c.b.Reshape(c.b.Slice(x, axis, d, d+1), s[1-axis], s[2]), c.b.Err()
}

// recurResults joins the results of the directions: y [T,dirs,N,H], or [N,T,dirs,H], and
// the states [dirs,N,H], or [N,dirs,H].
func (c *call) recurResults(outputs []*graph.Node, states [2][]*graph.Node, batchFirst bool) ([]value, error) {
	join := func(xs []*graph.Node, axis int) *graph.Node {
		for i, x := range xs {
			if x == nil || c.b.Err() != nil {
				return nil
			}
			s := slices.Insert(slices.Clone([]int(x.Shape())), axis, 1)
			xs[i] = c.b.Reshape(x, s...)
		}
		if len(xs) == 1 {
			return xs[0]
		}
		return c.b.Concat(axis, xs...)
	}
	at, stateAt := 1, 0
	if batchFirst {
		at, stateAt = 2, 1
	} else {
		for i, y := range outputs {
			outputs[i] = c.b.Transpose(y, 1, 0, 2)
		}
	}
	var out []value
	nodes := []*graph.Node{join(outputs, at), join(states[0], stateAt)}
	if len(states[1]) > 0 {
		nodes = append(nodes, join(states[1], stateAt))
	}
	for _, n := range nodes {
		v, err := c.result(n)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return out, nil
}
