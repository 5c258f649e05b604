// Package sequence generates texts and music from the autoencoders of package models/seq, step by step at a temperature,
// and writes music as MIDI and as sound:
//
//	d, err := sequence.NewDecoder(seq.VAE{...}, params, cpu.Config{})
//	defer d.Close()
//	tokens, err := d.Tokens(codes, sequence.Options{Temperature: new(.8)}) // of texts; codes [n, Code]
//	rolls, err := d.Rolls(codes, sequence.Options{Steps: 64})              // of music: [n, Steps, Features]
//	err = sequence.WriteMIDI(file, data.PieceOf(rolls[:64*88]), 100)
package sequence

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/decode"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/vm"
)

// ConfigOf is the part of a model that describes its decoder. ok is false if the model is none of package models/seq.
func ConfigOf(model any) (c seq.Config, ok bool) {
	switch m := model.(type) {
	case seq.Config:
		return m, true
	case seq.VAE:
		return m.Config, true
	}
	return c, false
}

// Options say how sequences are drawn. The zero value draws from the model's own distribution.
type Options struct {
	// Temperature divides the logits, at least 0: below 1, what is likely becomes more so, and 0 takes the most likely at
	// each step. nil means 1.
	Temperature *float64
	// Steps is the number of steps, the most for texts; 0 means those of the model.
	Steps int
	// Seed determines the draws.
	Seed uint64
}

// A Decoder draws sequences from codes. It is closed after use.
type Decoder struct {
	c seq.Config
	f *vm.Function
}

// NewDecoder returns the decoder of a model, a seq.Config or seq.VAE with TeacherForcing, with trained parameters.
func NewDecoder(model any, p *graph.Params, on vm.Backend) (*Decoder, error) {
	c, ok := ConfigOf(model)
	switch {
	case !ok:
		return nil, fmt.Errorf("sequence: a model of type %T: want one of package models/seq", model)
	case !c.TeacherForcing:
		return nil, errors.New("sequence: the decoder does not read what it has drawn: train with teacherForcing")
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	f, err := vm.NewFunction(on, p, func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
		for name, n := range c.BuildStep(b, in.Batch()).Outputs {
			b.Output(name, n)
		}
		return b.Program()
	}, vm.FunctionOptions{})
	if err != nil {
		return nil, err
	}
	return &Decoder{c, f}, nil
}

// Close frees what the decoder holds.
func (d *Decoder) Close() error {
	if d == nil || d.f == nil {
		return nil
	}
	return d.f.Close()
}

// Tokens draws a text from each of the codes [n, Code]: the numbers of its tokens, without the end. Unknown tokens are not
// drawn.
func (d *Decoder) Tokens(codes []float32, o Options) ([][]int, error) {
	n, o, err := d.check(codes, o)
	if err != nil {
		return nil, err
	}
	if d.c.Vocabulary == 0 {
		return nil, errors.New("sequence: the model has values, not tokens: use Rolls")
	}
	net := decode.Recurrent{
		Call: d.f.Call, Starts: n, Given: []vm.Array{{Name: seq.InputCode, Shape: []int{n, len(codes) / n}, Data: codes}},
		Prev: seq.InputPrev, Logits: seq.OutputNext,
	}
	for i, units := range d.c.StateSizes() {
		for k := range d.c.StateParts() {
			net.States = append(net.States, decode.State{Name: seq.StateName(i, k), Next: seq.NextStateName(i, k), Size: units})
		}
	}
	step, err := net.Step()
	if err != nil {
		return nil, err
	}
	return decode.Sample(step, n, decode.SampleOptions{
		Limits:      decode.Limits{Steps: o.Steps, Start: seq.End, End: seq.End, Never: []int{seq.Unknown}},
		Temperature: o.Temperature, Seed: o.Seed,
	})
}

// Rolls draws a sequence of values from each of the codes [n, Code], [n, Steps, Features]. With the loss BCE a value is 1
// with the probability sigmoid(logit / temperature), else 0, as a key of a piano roll. With MSE it is the mean.
func (d *Decoder) Rolls(codes []float32, o Options) ([]float32, error) {
	n, o, err := d.check(codes, o)
	if err != nil {
		return nil, err
	}
	if d.c.Vocabulary != 0 {
		return nil, errors.New("sequence: the model has tokens, not values: use Tokens")
	}
	features := d.features()
	in := []vm.Array{
		{Name: seq.InputCode, Shape: []int{n, len(codes) / n}, Data: codes},
		{Name: seq.InputPrev, Shape: []int{n, features}, Data: make([]float32, n*features)},
	}
	out := []vm.Array{{Name: seq.OutputNext}}
	for i, units := range d.c.StateSizes() {
		for k := range d.c.StateParts() {
			in = append(in, vm.Array{Name: seq.StateName(i, k), Shape: []int{n, units}, Data: make([]float32, n*units)})
			out = append(out, vm.Array{Name: seq.NextStateName(i, k)})
		}
	}
	r := rand.New(rand.NewPCG(o.Seed, 0))
	rolls := make([]float32, n*o.Steps*features)
	for t := range o.Steps {
		if err := d.f.Call(in, out); err != nil {
			return nil, err
		}
		for k := range out[1:] {
			copy(in[2+k].Data, out[1+k].Data)
		}
		for i, y := range out[0].Data {
			v := y
			if d.c.Loss != graph.MSE {
				v = drawKey(r, float64(y), *o.Temperature)
			}
			in[1].Data[i] = v
			rolls[(i/features*o.Steps+t)*features+i%features] = v
		}
	}
	return rolls, nil
}

// drawKey is 1 with the probability sigmoid(logit / temperature).
func drawKey(r *rand.Rand, logit, temperature float64) float32 {
	u := r.Float64()
	if temperature == 0 && logit > 0 || temperature > 0 && u < 1/(1+math.Exp(-logit/temperature)) {
		return 1
	}
	return 0
}

// features is the number of values at a step.
func (d *Decoder) features() int {
	if d.c.Features == 0 {
		return 28
	}
	return d.c.Features
}

// check checks codes and options, and fills in the defaults. n is the number of codes.
func (d *Decoder) check(codes []float32, o Options) (n int, _ Options, err error) {
	if d == nil || d.f == nil {
		return 0, o, errors.New("sequence: no decoder: create it with NewDecoder")
	}
	size := d.c.Code
	if size == 0 {
		size = 32
	}
	if len(codes) == 0 || len(codes)%size != 0 {
		return 0, o, fmt.Errorf("sequence: %d values are no codes of %d: want [n, %d]", len(codes), size, size)
	}
	if o.Temperature == nil {
		o.Temperature = new(1.0)
	}
	if t := *o.Temperature; !(t >= 0) || math.IsInf(t, 1) {
		return 0, o, fmt.Errorf("sequence: temperature %g: want a finite number, at least 0", t)
	}
	if o.Steps == 0 {
		if o.Steps = d.c.Steps; o.Steps == 0 {
			o.Steps = 28
		}
	}
	if o.Steps < 1 || o.Steps > 1<<16 {
		return 0, o, fmt.Errorf("sequence: %d steps: want 1 to %d", o.Steps, 1<<16)
	}
	return len(codes) / size, o, nil
}
