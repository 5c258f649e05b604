package sampler

import (
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// FittedFlow draws codes from a flow. Close it after use.
type FittedFlow struct {
	flow        Flow
	mean, scale []float64 // of the codes' values
	f           *vm.Function
}

// Fit trains the flow on codes [N, Dims], whose values it standardises. The options need a
// Backend; 0 Epochs means 20.
func (f Flow) Fit(ctx context.Context, codes []float32, o train.Options) (*FittedFlow, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	n, err := pointsOf(codes, f.Dims)
	if err != nil {
		return nil, err
	}
	s := &FittedFlow{flow: f, mean: make([]float64, f.Dims), scale: make([]float64, f.Dims)}
	x := s.standardise(codes, n)
	set, err := data.InMemory(data.Array{Name: graph.InputX, Shape: []int{f.Dims}, Values: x})
	if err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	if o.Epochs == 0 && o.Steps == 0 && o.MaxTime == 0 {
		o.Epochs = 20
	}
	r, err := train.Fit(ctx, f, set, o)
	if err != nil {
		return nil, fmt.Errorf("sampler: the flow: %w", err)
	}
	o.Params = r.Params
	if s.f, err = train.NewFunction(f, o, vm.FunctionOptions{Batch: 1024}); err != nil {
		return nil, fmt.Errorf("sampler: the flow: %w", err)
	}
	return s, nil
}

// standardise returns codes with mean 0 and variance 1. Values that do not vary are only
// shifted.
func (s *FittedFlow) standardise(codes []float32, n int) []float32 {
	d := s.flow.Dims
	for i, v := range codes {
		s.mean[i%d] += float64(v) / float64(n)
	}
	for i, v := range codes {
		s.scale[i%d] += (float64(v) - s.mean[i%d]) * (float64(v) - s.mean[i%d]) / float64(n)
	}
	for k, v := range s.scale {
		if s.scale[k] = math.Sqrt(v); v == 0 {
			s.scale[k] = 1
		}
	}
	x := make([]float32, len(codes))
	for i, v := range codes {
		x[i] = float32((float64(v) - s.mean[i%d]) / s.scale[i%d])
	}
	return x
}

// Size is the number of values of a code.
func (s *FittedFlow) Size() int { return s.flow.Dims }

// Draw draws n codes [n, Size].
func (s *FittedFlow) Draw(n int, seed uint64) ([]float32, error) {
	u, err := Normal(s.flow.Dims).Draw(n, seed)
	if err != nil {
		return nil, err
	}
	x, err := Decode(s.f, u, []int{s.flow.Dims})
	if err != nil {
		return nil, err
	}
	for i, v := range x.Data {
		k := i % s.flow.Dims
		x.Data[i] = float32(float64(v)*s.scale[k] + s.mean[k])
	}
	return x.Data, nil
}

// LogDensity is log p of each of the codes [N, Size], in nats.
func (s *FittedFlow) LogDensity(codes []float32) ([]float64, error) {
	d := s.flow.Dims
	n, err := pointsOf(codes, d)
	if err != nil {
		return nil, err
	}
	x, volume := make([]float32, len(codes)), 0.0
	for i, v := range codes {
		x[i] = float32((float64(v) - s.mean[i%d]) / s.scale[i%d])
	}
	for _, v := range s.scale {
		volume += math.Log(v)
	}
	out := []vm.Array{{Name: graph.OutputScore}}
	if err := s.f.Call([]vm.Array{{Name: graph.InputX, Shape: []int{n, d}, Data: x}}, out); err != nil {
		return nil, fmt.Errorf("sampler: %w", err)
	}
	logs := make([]float64, n)
	for i, v := range out[0].Data {
		logs[i] = -float64(v) - volume
	}
	return logs, nil
}

// Close frees the flow's machines.
func (s *FittedFlow) Close() error { return s.f.Close() }
