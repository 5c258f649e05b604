package onnx_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// net is a model with weights.
type net struct {
	model   train.Model
	params  *graph.Params
	scalers map[string]*data.Scaler
}

func (n net) Model() train.Model               { return n.model }
func (n net) Params() *graph.Params            { return n.params }
func (n net) Scalers() map[string]*data.Scaler { return n.scalers }

// netOf returns a model with weights and states that are all different from their start,
// so that a mistake in any of them shows.
func netOf(t testing.TB, m train.Model) net {
	p := graph.NewParams(graph.Float32, 3)
	_, err := train.EvalProgram(m, 2, train.Options{Params: p, Seed: 3})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(5, 1))
	for _, q := range p.All() {
		x := q.Floats()
		for i := range x {
			if q.Trainable() {
				x[i] += 0.1 * r.NormFloat64()
			} else {
				x[i] = math.Abs(x[i] + 0.3*r.NormFloat64()) // a variance stays positive
			}
		}
		require.NoError(t, q.SetFloats(x))
	}
	return net{model: m, params: p}
}

// run computes outputs of a net from its inputs on the compiled machine.
func (n net) run(t testing.TB, batch int, outputs, given []string, feed func(p *graph.Program) map[string][]float32) (in, out []vm.Array) {
	p, err := train.EvalProgram(n.model, batch, train.Options{Params: n.params, Seed: n.params.Seed()})
	require.NoError(t, err)
	p, err = p.Select(outputs, given...)
	require.NoError(t, err)
	m, err := cpu.Config{Threads: 1}.Compile(p)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	values := feed(p)
	for _, i := range p.Inputs() {
		if x := values[i.Name]; x != nil {
			require.NoError(t, m.Feed(i.Name, x))
			in = append(in, vm.Array{Name: i.Name, Shape: i.Shape, Data: x})
		}
	}
	require.NoError(t, vm.Run(m))
	for _, o := range p.Outputs() {
		x := make([]float32, o.Shape.Size())
		require.NoError(t, m.Read(o.Name, x))
		out = append(out, vm.Array{Name: o.Name, Shape: o.Shape, Data: x})
	}
	return in, out
}

// parts are the parts that a net has: names of outputs and of given outputs.
func (n net) parts(t testing.TB) map[onnx.Part][2][]string {
	p, err := train.EvalProgram(n.model, 2, train.Options{Params: n.params, Seed: 3})
	require.NoError(t, err)
	has := func(name string) bool { _, ok := p.Output(name); return ok }
	var whole []string
	for _, o := range p.Outputs() {
		if o.Name != "prior" && (!has("recon") || slices.Contains([]string{"recon", "score", "code"}, o.Name)) {
			whole = append(whole, o.Name)
		}
	}
	out := map[onnx.Part][2][]string{onnx.Whole: {whole, nil}}
	if has("code") {
		out[onnx.Encoder] = [2][]string{{"code"}, nil}
		if has("recon") {
			out[onnx.Decoder] = [2][]string{{"recon"}, {"code"}}
		}
	}
	return out
}

func feedOf(e zoo.Entry) func(p *graph.Program) map[string][]float32 {
	return func(p *graph.Program) map[string][]float32 { return e.Feed(p, rand.New(rand.NewPCG(7, 1))) }
}
