package stheno

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Autoencoder is a model with its weights. Any number of goroutines can use it at the
// same time.
//
// Samples are stored one after the other in row-major order; their number N follows
// from the length. Further inputs of a net, such as a label for each sample, are
// passed by name: vm.Array{Name: "label", Shape: []int{n}, Data: labels}. If a method
// needs an output that the net does not have, it returns an error that lists those it
// has.
type Autoencoder struct {
	model       Model
	o           Options
	f           *vm.Function
	sampleShape map[string]graph.Shape // shape of a sample, by input or output of the net
	history     []train.Epoch
}

// maxBatch is the maximum number of samples that are computed at a time.
const maxBatch = 256

// New returns an autoencoder of a model that was trained in another way, such as by
// train.Fit or by a preset. Of the options it uses Backend, Params, Scalers and Seed.
func New(m Model, o Options) (*Autoencoder, error) {
	switch {
	case m == nil:
		return nil, errors.New("stheno: no model")
	case o.Params == nil:
		return nil, errors.New("stheno: no parameters: set Options.Params")
	case o.Backend == nil:
		o.Backend = Fastest()
	}
	return newAutoencoder(m, o)
}

// newAutoencoder creates the function of a model with the parameters in o.
func newAutoencoder(m Model, o Options) (*Autoencoder, error) {
	p, err := train.EvalProgram(m, 1, o)
	if err != nil {
		return nil, err
	}
	a := &Autoencoder{model: m, o: o, sampleShape: map[string]graph.Shape{}}
	for _, in := range p.Inputs() {
		a.sampleShape[in.Name] = in.Shape[min(1, len(in.Shape)):]
	}
	for _, out := range p.Outputs() {
		a.sampleShape[out.Name] = out.Shape[min(1, len(out.Shape)):]
	}
	a.f, err = train.NewFunction(m, o, vm.FunctionOptions{Batch: maxBatch})
	return a, err
}

// Encode returns the codes of samples x [N, ...], such as [N, latent].
func (a *Autoencoder) Encode(x []float32, more ...vm.Array) ([]float32, error) {
	return a.Output(graph.OutputCode, x, more...)
}

// Decode returns the reconstructions of codes z [N, ...].
func (a *Autoencoder) Decode(z []float32, more ...vm.Array) ([]float32, error) {
	return a.compute(graph.OutputCode, graph.OutputRecon, z, more)
}

// Reconstruct returns the reconstructions of samples x [N, ...], in the shape of x.
func (a *Autoencoder) Reconstruct(x []float32, more ...vm.Array) ([]float32, error) {
	return a.Output(graph.OutputRecon, x, more...)
}

// Score returns how badly the model explains each sample of x [N, ...]: [N] numbers,
// which are larger for samples unlike the training data.
func (a *Autoencoder) Score(x []float32, more ...vm.Array) ([]float32, error) {
	return a.Output(graph.OutputScore, x, more...)
}

// Sample generates n samples: it draws codes from the model's prior and decodes them.
// The seed is between 0 and 2^32-1.
func (a *Autoencoder) Sample(n int, seed int, more ...vm.Array) ([]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("stheno: %d samples: want at least 1", n)
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	z := []vm.Array{{Name: graph.OutputPrior, Shape: append([]int{n}, a.sampleShape[graph.OutputPrior]...)}}
	if err := a.f.Draw(seed, nil, z); err != nil {
		return nil, fmt.Errorf("stheno: sample: %w", err)
	}
	return a.Decode(z[0].Data, more...)
}

// Output returns the net's output with the given name, such as "logits", for samples
// x.
func (a *Autoencoder) Output(name string, x []float32, more ...vm.Array) ([]float32, error) {
	return a.compute(graph.InputX, name, x, more)
}

// compute returns one output of the net, given samples of an input or of another
// output.
func (a *Autoencoder) compute(input, output string, x []float32, more []vm.Array) ([]float32, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	size := a.sampleShape[input].Size()
	if len(x) == 0 || len(x)%size != 0 {
		return nil, fmt.Errorf("stheno: %q has %d values, which are not a whole number of samples of shape %v", input, len(x), a.sampleShape[input])
	}
	in := append([]vm.Array{{Name: input, Shape: append([]int{len(x) / size}, a.sampleShape[input]...), Data: x}}, more...)
	for i := range in {
		if s := a.o.Scalers[in[i].Name]; s != nil {
			scaled, err := s.Transform(in[i].Data)
			if err != nil {
				return nil, fmt.Errorf("stheno: %w", err)
			}
			in[i].Data = scaled
		}
	}
	out := []vm.Array{{Name: output}}
	if err := a.Call(in, out); err != nil {
		return nil, err
	}
	if s := a.o.Scalers[graph.InputX]; s != nil && output == graph.OutputRecon {
		y, err := s.Undo(out[0].Data)
		if err != nil {
			return nil, fmt.Errorf("stheno: the reconstruction: %w", err)
		}
		return y, nil
	}
	return out[0].Data, nil
}

// Compute returns outputs of the net for all samples of a set, each [N, ...]. The set's
// fields feed the inputs of the same names. Reconstructions are brought back to the scale
// of the samples.
func (a *Autoencoder) Compute(set data.Set, names ...string) ([]vm.Array, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	o := a.o
	o.EvalBatch = maxBatch
	out, err := train.Compute(a.model, set, o, names...)
	if err != nil {
		return nil, err
	}
	s := a.o.Scalers[graph.InputX]
	for i := range out {
		if out[i].Name != graph.OutputRecon || s == nil {
			continue
		}
		if out[i].Data, err = s.Undo(out[i].Data); err != nil {
			return nil, fmt.Errorf("stheno: the reconstruction: %w", err)
		}
	}
	return out, nil
}

// Draw computes outputs of the net as Call does, with the random numbers of a draw, from
// 0 to 2^32-1. Without arguments, as in a draw from the output "prior", set the shapes of
// the results.
func (a *Autoencoder) Draw(draw int, in, out []vm.Array) error {
	if err := a.check(); err != nil {
		return err
	}
	if err := a.f.Draw(draw, in, out); err != nil {
		return fmt.Errorf("stheno: %w", err)
	}
	return nil
}

// Shape returns the shape of a sample in an input or an output of the net, such as "x" or
// "code". ok is false if the net has none of that name.
func (a *Autoencoder) Shape(name string) (shape graph.Shape, ok bool) {
	if a.check() != nil {
		return nil, false
	}
	shape, ok = a.sampleShape[name]
	return slices.Clone(shape), ok
}

// Scalers returns the scalers that samples pass through before they reach the net, by
// field. The methods that take samples by themselves apply them, and bring
// reconstructions back; Call does not.
func (a *Autoencoder) Scalers() map[string]*data.Scaler { return a.o.Scalers }

// Call computes any outputs of the net from any of its inputs and outputs. It writes
// the results to the caller's memory where out has any; see vm.Function. Repeated
// calls with the same shapes allocate nothing.
func (a *Autoencoder) Call(in, out []vm.Array) error {
	if err := a.check(); err != nil {
		return err
	}
	if err := a.f.Call(in, out); err != nil {
		return fmt.Errorf("stheno: %w", err)
	}
	return nil
}

// Train continues training, as if the previous epochs were part of the same run. The
// options are those of the function Train. Params and Scalers are always the
// autoencoder's; so is Backend, if it is nil.
func (a *Autoencoder) Train(ctx context.Context, set data.Set, o Options) error {
	if err := a.check(); err != nil {
		return err
	}
	if o.Params, o.Scalers = a.o.Params, a.o.Scalers; o.Backend == nil {
		o.Backend = a.o.Backend
	}
	r, err := train.Fit(ctx, a.model, set, o)
	if r != nil {
		a.history = append(a.history, r.Epochs...)
	}
	return err
}

// Evaluate returns the means of losses and metrics over a set, by name.
func (a *Autoencoder) Evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return train.Evaluate(ctx, a.model, set, a.o)
}

// History returns the epochs of training so far.
func (a *Autoencoder) History() []train.Epoch { return a.history }

// Params returns the weights and states.
func (a *Autoencoder) Params() *graph.Params { return a.o.Params }

// Model returns the model.
func (a *Autoencoder) Model() Model { return a.model }

// Close frees the compiled machines. Calls after Close return an error.
func (a *Autoencoder) Close() error {
	if a == nil {
		return nil
	}
	return a.f.Close()
}

// check returns an error if the autoencoder was not created by Train or Load.
func (a *Autoencoder) check() error {
	if a == nil || a.f == nil {
		return errors.New("stheno: no autoencoder: create it with Train or Load")
	}
	return nil
}
