package presets

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/sequence"
	"github.com/stheno-ml/stheno/vm"
)

// generate draws a sequence of tokens from each of the codes [n, Code], at a
// temperature.
func (r *Run) generate(c seq.Config, p *graph.Params, codes vm.Array, temperature float64) ([][]int, error) {
	d, err := sequence.NewDecoder(c, p, r.Backend)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Tokens(codes.Data, sequence.Options{Temperature: &temperature, Seed: r.Seed})
}

// priorCodes draws n codes from a standard normal.
func (r *Run) priorCodes(c seq.VAE, p *graph.Params, n int) (vm.Array, error) {
	f, err := vm.NewFunction(r.Backend, p, func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
		b.Output(graph.OutputPrior, b.Scope("prior").Normal("z", in.Batch(), c.Code))
		return b.Program()
	}, vm.FunctionOptions{Seed: r.Seed})
	if err != nil {
		return vm.Array{}, err
	}
	defer f.Close()
	z := []vm.Array{{Name: graph.OutputPrior, Shape: []int{n, c.Code}}}
	err = f.Call(nil, z)
	return z[0], err
}
