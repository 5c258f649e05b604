package onnx_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/vm"
)

// scaledCase is a net with a scaler, and samples in their own range.
type scaledCase struct {
	name    string
	net     net
	options onnx.Options
	x       []float32
	scaler  *data.Scaler
}

// scaledCases are nets with each kind of scaler, of values far from 0.
func scaledCases(t testing.TB) (out []scaledCase) {
	const samples, size = 7, 20
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, samples*size)
	for i := range x {
		x[i] = 1000 + float32(i%size) + r.Float32()
		if i%size == 3 {
			x[i] = 5 // a part that is the same in all samples
		}
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{2, 10}, Values: x})
	require.NoError(t, err)
	models := map[string]interface {
		Build(b *graph.Builder, batch int) graph.Net
	}{
		"dense": dense.Config{Input: size, Hidden: []int{12, 5}, Loss: graph.MSE},
		"conv":  conv.Config{Steps: 10, Channels: 2, Encoder: []int{4, 3}, Kernel: graph.Pair{3}, Loss: graph.MSE},
	}
	for _, o := range []data.ScaleOptions{
		{}, {Kind: data.MinMax, Min: -1, Max: 1}, {Kind: data.Robust, Per: data.PerChannel}, {Kind: data.Log}, {LogFirst: true, Per: data.PerAll},
		{Kind: data.SampleStandard}, {Kind: data.SampleMinMax, Per: data.PerChannel},
	} {
		s, err := data.FitScaler(set, "x", o)
		require.NoError(t, err)
		for _, name := range []string{"dense", "conv"} {
			n := netOf(t, models[name])
			n.scalers = map[string]*data.Scaler{"x": s}
			c := scaledCase{name: fmt.Sprintf("%s, %v", name, s), net: n, x: x, scaler: s}
			if o.Kind == data.SampleStandard || o.Kind == data.SampleMinMax {
				c.options.Outputs = []string{"code", "score"} // the reconstruction cannot be brought back
			}
			out = append(out, c)
		}
	}
	return out
}

// run computes what the front door does: it scales, computes, and undoes.
func (c scaledCase) run(t testing.TB) (in, out []vm.Array) {
	outputs := c.options.Outputs
	if outputs == nil {
		outputs = []string{"recon", "score", "code"}
	}
	in, out = c.net.run(t, 7, outputs, nil, func(*graph.Program) map[string][]float32 {
		scaled, err := c.scaler.Transform(c.x)
		require.NoError(t, err)
		return map[string][]float32{"x": scaled}
	})
	in[0].Data = c.x
	for i := range out {
		if out[i].Name == "recon" {
			undone, err := c.scaler.Undo(out[i].Data)
			require.NoError(t, err)
			out[i].Data = undone
		}
	}
	return in, out
}

func TestOnnxruntimeInPythonScales(t *testing.T) {
	r, path := runtime{dir: t.TempDir()}, python(t)
	for i, c := range scaledCases(t) {
		file := fmt.Sprintf("%d.onnx", i)
		require.NoError(t, onnx.Write(r.dir+"/"+file, c.net, c.options), c.name)
		in, out := c.run(t)
		r.add(t, c.name, file, in, out)
	}
	r.check(t, path, 1e-5)
}

func TestAReconstructionThatCannotBeBroughtBackIsAnError(t *testing.T) {
	for _, c := range scaledCases(t) {
		if c.options.Outputs != nil {
			_, err := onnx.Encode(c.net, onnx.Options{})
			require.ErrorContains(t, err, `output "recon": the scaler takes each sample's own numbers`)
		}
	}
}
