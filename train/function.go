package train

import (
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// NewFunction returns a function that computes the model's net outside training, with
// the given parameters. It computes any of the net's outputs, by name, from its
// inputs or from other outputs. Of the options it uses Backend, Params and Seed.
//
//	f, err := train.NewFunction(vae.Config{}, o, vm.FunctionOptions{})
//	code := []vm.Array{{Name: "code"}}
//	err = f.Call([]vm.Array{{Name: "x", Shape: []int{1, 784}, Data: x}}, code)
func NewFunction(m Model, o Options, f vm.FunctionOptions) (*vm.Function, error) {
	o, err := o.complete(m)
	if err == nil && o.Backend == nil {
		err = errNoBackend
	}
	if err != nil {
		return nil, named(err)
	}
	if f.Seed == 0 {
		f.Seed = o.Seed
	}
	fn, err := vm.NewFunction(o.Backend, o.Params, func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
		return outputs(m, b, in.Batch())
	}, f)
	return fn, named(err)
}

// EvalProgram builds the program that computes all outputs of a model's net outside
// training, for a batch size. Of the options it uses Params and Seed.
func EvalProgram(m Model, batch int, o Options) (*graph.Program, error) {
	o, err := o.complete(m)
	if err != nil {
		return nil, named(err)
	}
	p, err := outputs(m, graph.New(o.Params, graph.Config{Seed: o.Seed}), batch)
	return p, named(err)
}

// outputs builds a net and names its outputs.
func outputs(m Model, b *graph.Builder, batch int) (*graph.Program, error) {
	net := m.Build(b, batch)
	for _, name := range slices.Sorted(maps.Keys(net.Outputs)) {
		b.Output(name, net.Outputs[name])
	}
	return b.Program()
}
