package estimate

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Options are the settings of an estimate. Backend and Params have no default.
type Options struct {
	// Backend runs the model.
	Backend vm.Backend
	// Params are the model's trained parameters. A model that wants others besides them
	// is an error.
	Params *graph.Params
	// Draws is the number of codes drawn for each sample; 0 means 1. Importance
	// sampling underestimates log p(x) with few draws: 200 to 5,000 are usual.
	Draws int
	// Chunk is the largest number of draws that are computed at a time, which takes the
	// memory of Batch times as many samples; 0 means 50. The chunks are of equal size,
	// so it should have a large common divisor with Draws.
	Chunk int
	// Batch is the number of samples that are computed at a time; 0 means 20.
	Batch int
	// Seed determines the draws.
	Seed uint64
}

// complete returns the options with defaults filled in, or an error for settings out of
// range.
func (o Options) complete(ctx context.Context, m any, set data.Set) (Options, error) {
	switch {
	case ctx == nil:
		return o, errors.New("no context: pass context.Background()")
	case m == nil:
		return o, errors.New("no model")
	case set == nil || set.Len() == 0:
		return o, errors.New("the set is empty")
	case o.Backend == nil:
		return o, errors.New("no backend: set Options.Backend, such as cpu.Config{}")
	case o.Params == nil:
		return o, errors.New("no parameters: set Options.Params to the trained ones")
	case o.Draws < 0 || o.Chunk < 0 || o.Batch < 0:
		return o, fmt.Errorf("%d draws in chunks of %d, batches of %d: none can be negative", o.Draws, o.Chunk, o.Batch)
	}
	o.Draws, o.Chunk, o.Batch = orElse(o.Draws, 1), orElse(o.Chunk, 50), orElse(o.Batch, 20)
	o.Chunk = min(o.Chunk, o.Draws)
	for o.Draws%o.Chunk != 0 {
		o.Chunk--
	}
	return o, nil
}

func orElse(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}

// compute runs outputs of a graph for all samples of a set, once for each of a number
// of draws, and gives each, in order, the results in the order of names: rows of equal
// size, one for each sample. They are overwritten by the next draw.
func (o Options) compute(ctx context.Context, set data.Set, draws int, names []string, build func(b *graph.Builder, batch int), each func(results [][]float32)) (err error) {
	program := func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
		build(b, in.Batch())
		return b.Program()
	}
	f, err := vm.NewFunction(o.Backend, o.Params, program, vm.FunctionOptions{Seed: o.Seed, Batch: o.Batch, Machines: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in, err := o.arguments(set, program)
	if err != nil {
		return err
	}
	out := make([]vm.Array, len(names))
	results := make([][]float32, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	for draw := range draws {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.Draw(draw, in, out); err != nil {
			return err
		}
		for i, a := range out {
			results[i] = a.Data
		}
		each(results)
	}
	return nil
}

// arguments reads the fields of a set that feed the inputs of a program.
func (o Options) arguments(set data.Set, program vm.Build) ([]vm.Array, error) {
	trained := len(o.Params.All())
	p, err := program(graph.New(o.Params, graph.Config{Seed: o.Seed}), nil)
	if err != nil {
		return nil, err
	}
	if all := o.Params.All(); trained > 0 && len(all) > trained {
		return nil, fmt.Errorf("the model has the weight %q, which the parameters lack: give those that this model was trained with", all[trained].Name())
	}
	var in []vm.Array
	for _, input := range p.Inputs() {
		if len(input.Shape) == 0 || p.Clock() != nil && input.Node == p.Clock() {
			continue
		}
		a, err := data.ArrayOf(set, input.Name)
		if err != nil {
			return nil, err
		}
		shape := append([]int{set.Len()}, input.Shape[1:]...)
		if graph.Shape(shape).Size() != len(a.Values) {
			return nil, fmt.Errorf("the input %q of the model takes samples of shape %v, the field of the set has %v", input.Name, input.Shape[1:], a.Shape)
		}
		in = append(in, vm.Array{Name: input.Name, Shape: shape, Data: a.Values})
	}
	for _, d := range p.Domains() {
		for _, a := range in {
			if a.Name == d.Input {
				if err := d.Check(a.Data, len(a.Data)/set.Len(), 0); err != nil {
					return nil, err
				}
			}
		}
	}
	return in, nil
}
