package seq

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// The names of BuildStep's inputs and outputs.
const (
	InputCode  = "code"   // the codes, [N, Code]
	InputPrev  = "prev"   // the step before: tokens [N], or values [N, Features]
	OutputNext = "logits" // the decoder's output, [N, Vocabulary] or [N, Features]
)

// StateName names part k of the state of the decoder's layer i, counted from 0.
func StateName(i, k int) string { return fmt.Sprintf("state%d.%d", i, k) }

// NextStateName names the output with the next value of StateName(i, k).
func NextStateName(i, k int) string { return "next " + StateName(i, k) }

// BuildStep adds one step of the decoder, from which sequences are generated step by
// step, such as by temperature sampling or beam search. Its inputs are InputCode,
// InputPrev, and the states [N, units] of each layer, named by StateName. The states
// before the first step are zeros; the step before the first is End, or zeros. The
// outputs are OutputNext and the next states, named by NextStateName. The net has no
// task. It needs TeacherForcing.
func (c Config) BuildStep(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	if !c.TeacherForcing {
		b.Failf("seq: the decoder reads no steps, so it does not run step by step: set TeacherForcing, or use Decode")
		return graph.Net{}
	}
	c = c.withDefaults()
	z := b.Input(InputCode, batch, c.Code)
	prev := b.Input(InputPrev, append([]int{batch}, c.sample()[1:]...)...)
	var states [][]*graph.Node
	for i, units := range c.StateSizes() {
		states = append(states, nil)
		for k := range c.Cell.states() {
			states[i] = append(states[i], b.Input(StateName(i, k), batch, units))
		}
	}
	y, next := c.step(b, z, prev, states)
	if b.Err() != nil {
		return graph.Net{}
	}
	net := graph.Net{Outputs: map[string]*graph.Node{OutputNext: y}}
	for i := range next {
		for k := range next[i] {
			net.Outputs[NextStateName(i, k)] = next[i][k]
		}
	}
	return net
}

// StateSizes are the units of the decoder's layers, in the order of StateName.
func (c Config) StateSizes() []int {
	c = c.withDefaults()
	sizes := make([]int, len(c.Hidden))
	for i := range sizes {
		sizes[i] = c.Hidden[len(sizes)-1-i]
	}
	return sizes
}

// StateParts is the number of arrays in the state of a layer: 2 for an LSTM, else 1.
func (c Config) StateParts() int { return c.withDefaults().Cell.states() }
