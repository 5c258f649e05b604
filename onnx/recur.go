package onnx

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// recurrences say how ONNX writes each cell: its op, and, for each of its blocks, the
// block of ours. For an LSTM, ONNX has i, o, f, c and we have i, f, g, o; for a GRU, ONNX
// has z, r, h and we have r, u, n.
var recurrences = [...]struct {
	op     string
	blocks []int
}{
	lower.CellLSTM: {"LSTM", []int{0, 3, 1, 2}},
	lower.CellGRU:  {"GRU", []int{1, 0, 2}},
	lower.CellRNN:  {"RNN", []int{0}},
}

// recur writes a recurrence over a sequence.
func (w *writer) recur(p lower.Recur, s lower.Step) error {
	if int(p.Cell) >= len(recurrences) {
		return fmt.Errorf("the cell %v has no ONNX op", p.Cell)
	}
	of := recurrences[p.Cell]
	x, err := w.use(s.In[0])
	if err != nil {
		return err
	}
	var weights [3]*array // wx, wh and bias
	trained := false
	for i := range weights {
		weights[i] = w.values[s.In[1+i]].inner()
		if !weights[i].isConstant() {
			return fmt.Errorf("%v: its weights are computed from inputs, which ONNX's %s cannot have", p, of.op)
		}
		trained = trained || weights[i].trained
	}
	xs, hs := w.f.Shape(s.In[0]), w.f.Shape(s.In[2])
	features, units := xs[2], hs[0]
	constant := func(of *array, what string, elements []float64, shape ...int) string {
		a := &array{elements: elements, trained: trained, base: of.base}
		if a.base == "" {
			a.base = what
		}
		for _, n := range shape {
			a.shape = append(a.shape, fixed(n))
		}
		name, _ := w.name(a)
		return name
	}
	gates := len(of.blocks)
	in := []string{
		w.add("Transpose", []string{x}, attrInts("perm", 1, 0, 2)),
		constant(weights[0], "wx", blocksByRow(weights[0].elements, features, units, of.blocks), 1, gates*units, features),
		constant(weights[1], "wh", blocksByRow(weights[1].elements, units, units, of.blocks), 1, gates*units, units),
		constant(weights[2], "b", biases(p.Cell, weights[2].elements, units, of.blocks), 1, 2*gates*units),
	}
	if xs[1] != p.Steps { // one input for all steps
		shape, err := fitShape(func(k int) lower.Shape {
			s := w.nets[k].Func.Shape(s.In[0])
			return lower.Shape{p.Steps, s[0], s[2]}
		})
		if err != nil {
			return err
		}
		in[0] = w.add("Expand", []string{in[0], w.vector(shape)})
	}
	if p.Initial {
		in = append(in, "")
		for _, v := range s.In[4:] {
			state, err := w.use(v)
			if err != nil {
				return err
			}
			in = append(in, w.add("Unsqueeze", []string{state, w.integers(0)}))
		}
	}
	attributes := []*onnxproto.Attribute{attrInt("hidden_size", units)}
	if p.Reverse {
		attributes = append(attributes, attrText("direction", "reverse"))
	}
	if p.Cell == lower.CellGRU {
		attributes = append(attributes, attrInt("linear_before_reset", 1))
	}
	states := len(p.Cell.Step().NextStates)
	outs := w.addAll(of.op, 1+states, in, attributes...)
	h := w.add("Transpose", []string{w.add("Squeeze", []string{outs[0], w.integers(1)})}, attrInts("perm", 1, 0, 2))
	for i, v := range s.Out {
		shape, err := fitShape(func(k int) lower.Shape { return w.nets[k].Func.Shape(v) })
		if err != nil {
			return err
		}
		a := &array{shape: shape}
		switch {
		case i == 0:
			a.name = h
		case i < states:
			a.last, a.lastAt = outs[1+i], p.Time(p.Steps-1)
			a.missing = fmt.Errorf("%v: ONNX's %s returns only the last of its inner states", p, of.op)
		default:
			a.missing = fmt.Errorf("%v: ONNX's %s does not return its gates", p, of.op)
		}
		w.values[v] = a
	}
	return nil
}

// blocksByRow takes w [rows, blocks*units] to [blocks*units, rows] with the blocks in
// another order.
func blocksByRow(w []float64, rows, units int, blocks []int) []float64 {
	columns := len(w) / rows
	out := make([]float64, 0, len(w))
	for _, b := range blocks {
		for u := range units {
			for r := range rows {
				out = append(out, w[r*columns+b*units+u])
			}
		}
	}
	return out
}

// biases returns ONNX's biases: those of the input's projection, and then those of the
// state's.
func biases(c lower.Cell, b []float64, units int, blocks []int) []float64 {
	out := make([]float64, 0, 2*len(blocks)*units)
	for _, k := range blocks {
		out = append(out, b[k*units:(k+1)*units]...)
	}
	out = slices.Concat(out, make([]float64, len(blocks)*units))
	if c == lower.CellGRU { // the fourth block belongs to the state's projection of the third
		copy(out[len(out)-units:], b[3*units:])
	}
	return out
}
