package decode

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/vm"
)

// Recurrent is a net that computes one step from the step before and a state, such as
// that of seq.Config.BuildStep.
type Recurrent struct {
	// Call computes the net, such as vm.Function.Call. It is always called with as many
	// rows as there are starts, so that it is compiled once.
	Call func(in, out []vm.Array) error
	// Starts is the number of sequences, each with its own start. A beam needs one for
	// each hypothesis that it follows, see Given.
	Starts int
	// Given are inputs that stay the same over a sequence, such as its code: [Starts,
	// ...] or, where all sequences have the same, [1, ...].
	Given []vm.Array
	// Prev and Logits name the input with the token before, [Starts], and the output
	// [Starts, tokens].
	Prev, Logits string
	// States are the parts of the state. They are zeros before the first step.
	States []State
}

// State is a part of a net's state, [Starts, Size].
type State struct {
	Name, Next string // the input, and the output with its next value
	Size       int
}

// Step returns a Step that begins with the start of each sequence.
func (r Recurrent) Step() (Step, error) {
	if r.Call == nil || r.Starts < 1 {
		return nil, errors.New("decode: no net or no start: set Call and Starts")
	}
	for _, g := range r.Given {
		if len(g.Shape) == 0 || g.Shape[0] != 1 && g.Shape[0] != r.Starts || len(g.Data) == 0 {
			return nil, fmt.Errorf("decode: %q has the shape %v: want [%d, ...] or [1, ...]", g.Name, g.Shape, r.Starts)
		}
	}
	w := walk{Recurrent: r, before: make([][]float32, len(r.States))}
	return w.step, nil
}

// walk is the state of a net between two steps.
type walk struct {
	Recurrent
	start  []int       // of each row
	before [][]float32 // of each part of the state, [Starts, Size]; nil before the first step
}

func (w *walk) step(tokens, from []int) ([][]float64, error) {
	n := w.Starts
	if len(tokens) > n || len(from) != len(tokens) {
		return nil, fmt.Errorf("decode: %d hypotheses from %d rows: the net has %d rows", len(tokens), len(from), n)
	}
	start, prev := make([]int, len(from)), make([]float32, n)
	for i, row := range from {
		if row < 0 || row >= n || w.start != nil && row >= len(w.start) {
			return nil, fmt.Errorf("decode: hypothesis %d goes on from row %d, which there is not", i, row)
		}
		if start[i] = row; w.start != nil {
			start[i] = w.start[row]
		}
		prev[i] = float32(tokens[i])
	}
	in := []vm.Array{{Name: w.Prev, Shape: []int{n}, Data: prev}}
	for _, g := range w.Given {
		size := len(g.Data) / g.Shape[0]
		data := make([]float32, n*size)
		for i, s := range start {
			copy(data[i*size:(i+1)*size], g.Data[s%g.Shape[0]*size:])
		}
		in = append(in, vm.Array{Name: g.Name, Shape: append([]int{n}, g.Shape[1:]...), Data: data})
	}
	out := []vm.Array{{Name: w.Logits}}
	for k, s := range w.States {
		data := make([]float32, n*s.Size)
		for i, row := range from {
			if w.before[k] != nil {
				copy(data[i*s.Size:(i+1)*s.Size], w.before[k][row*s.Size:])
			}
		}
		in, out = append(in, vm.Array{Name: s.Name, Shape: []int{n, s.Size}, Data: data}), append(out, vm.Array{Name: s.Next})
	}
	if err := w.Call(in, out); err != nil {
		return nil, err
	}
	w.start = start
	for k := range w.States {
		w.before[k] = out[1+k].Data
	}
	rows, width := make([][]float64, len(tokens)), len(out[0].Data)/n
	for i := range rows {
		for _, v := range out[0].Data[i*width : (i+1)*width] {
			rows[i] = append(rows[i], float64(v))
		}
	}
	return rows, nil
}
