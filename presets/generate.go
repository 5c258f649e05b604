package presets

import (
	"github.com/stheno-ml/stheno/decode"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/vm"
)

// generate draws a sequence of tokens from each of the codes [n, Code], at a
// temperature.
func (r *Run) generate(c seq.Config, p *graph.Params, codes vm.Array, temperature float64) ([][]int, error) {
	f, err := vm.NewFunction(r.Backend, p, func(b *graph.Builder, in vm.Shapes) (*graph.Program, error) {
		for name, n := range c.BuildStep(b, in.Batch()).Outputs {
			b.Output(name, n)
		}
		return b.Program()
	}, vm.FunctionOptions{})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	codes.Name = seq.InputCode
	net := decode.Recurrent{
		Call: f.Call, Starts: codes.Shape[0], Given: []vm.Array{codes},
		Prev: seq.InputPrev, Logits: seq.OutputNext,
	}
	for i, units := range c.StateSizes() {
		for k := range c.StateParts() {
			net.States = append(net.States, decode.State{Name: seq.StateName(i, k), Next: seq.NextStateName(i, k), Size: units})
		}
	}
	step, err := net.Step()
	if err != nil {
		return nil, err
	}
	return decode.Sample(step, net.Starts, decode.SampleOptions{
		Limits:      decode.Limits{Steps: c.Steps, Start: seq.End, End: seq.End, Never: []int{seq.Unknown}},
		Temperature: &temperature,
		Seed:        r.Seed,
	})
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
