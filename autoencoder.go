package stheno

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Autoencoder is a model with its weights. It may be used by any number of
// goroutines at a time.
//
// Samples lie one after the other in row-major order; N, how many there are, is
// told by their length. A net that reads more than that, such as a label for each
// sample, is given it by name: vm.Array{Name: "label", Shape: []int{n}, Data: labels}.
// A net without a part that is asked for is an error that says what it has.
type Autoencoder struct {
	model   Model
	o       Options
	f       *vm.Function
	shape   map[string]graph.Shape // of a sample, by the net's inputs and outputs
	history []train.Epoch
}

// atOnce is the most samples of a call that are computed at a time.
const atOnce = 256

// open makes the functions of a model over its parameters.
func open(m Model, o Options) (*Autoencoder, error) {
	p, err := train.EvalProgram(m, 1, o)
	if err != nil {
		return nil, err
	}
	a := &Autoencoder{model: m, o: o, shape: map[string]graph.Shape{}}
	for _, in := range p.Inputs() {
		a.shape[in.Name] = in.Shape[min(1, len(in.Shape)):]
	}
	for _, out := range p.Outputs() {
		a.shape[out.Name] = out.Shape[min(1, len(out.Shape)):]
	}
	a.f, err = train.NewFunction(m, o, vm.FunctionOptions{Batch: atOnce})
	return a, err
}

// Encode returns the codes of samples x [N, ...], such as [N, latent].
func (a *Autoencoder) Encode(x []float32, more ...vm.Array) ([]float32, error) {
	return a.Output(graph.OutputCode, x, more...)
}

// Decode returns the reconstructions that codes z [N, ...] stand for.
func (a *Autoencoder) Decode(z []float32, more ...vm.Array) ([]float32, error) {
	return a.from(graph.OutputCode, graph.OutputRecon, z, more)
}

// Reconstruct returns the reconstructions of samples x [N, ...], in their shape.
func (a *Autoencoder) Reconstruct(x []float32, more ...vm.Array) ([]float32, error) {
	return a.Output(graph.OutputRecon, x, more...)
}

// Score returns for each sample of x [N, ...] how badly the model explains it: [N],
// larger for what is less like the samples it was trained on.
func (a *Autoencoder) Score(x []float32, more ...vm.Array) ([]float32, error) {
	return a.Output(graph.OutputScore, x, more...)
}

// Sample returns n samples that the model makes up: codes drawn from its prior,
// decoded. The seed is from 0 to 2^32-1.
func (a *Autoencoder) Sample(n int, seed int, more ...vm.Array) ([]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("stheno: %d samples: want at least 1", n)
	}
	if err := a.usable(); err != nil {
		return nil, err
	}
	z := []vm.Array{{Name: graph.OutputPrior, Shape: append([]int{n}, a.shape[graph.OutputPrior]...)}}
	if err := a.f.Draw(seed, nil, z); err != nil {
		return nil, fmt.Errorf("stheno: sample: %w", err)
	}
	return a.Decode(z[0].Data, more...)
}

// Output returns the net's output of that name, such as "logits", for samples x.
func (a *Autoencoder) Output(name string, x []float32, more ...vm.Array) ([]float32, error) {
	return a.from(graph.InputX, name, x, more)
}

// from computes one output from samples of an input or an output.
func (a *Autoencoder) from(name, to string, x []float32, more []vm.Array) ([]float32, error) {
	if err := a.usable(); err != nil {
		return nil, err
	}
	size := a.shape[name].Size()
	if len(x) == 0 || len(x)%size != 0 {
		return nil, fmt.Errorf("stheno: %q has %d values, which are not a whole number of samples of shape %v", name, len(x), a.shape[name])
	}
	in := append([]vm.Array{{Name: name, Shape: append([]int{len(x) / size}, a.shape[name]...), Data: x}}, more...)
	out := []vm.Array{{Name: to}}
	if err := a.Call(in, out); err != nil {
		return nil, err
	}
	return out[0].Data, nil
}

// Call computes any of the net's outputs from any of its inputs and outputs, in
// memory of the caller's where that is given; see vm.Function. Nothing is allocated
// once shapes repeat.
func (a *Autoencoder) Call(in, out []vm.Array) error {
	if err := a.usable(); err != nil {
		return err
	}
	if err := a.f.Call(in, out); err != nil {
		return fmt.Errorf("stheno: %w", err)
	}
	return nil
}

// Train goes on training, as if the epochs before had been of this run. The options
// are those of the function Train; Params and, if it is nil, Backend are the
// autoencoder's.
func (a *Autoencoder) Train(ctx context.Context, set data.Set, o Options) error {
	if err := a.usable(); err != nil {
		return err
	}
	if o.Params = a.o.Params; o.Backend == nil {
		o.Backend = a.o.Backend
	}
	r, err := train.Fit(ctx, a.model, set, o)
	if r != nil {
		a.history = append(a.history, r.Epochs...)
	}
	return err
}

// Evaluate returns the means over a set of the losses and metrics, by name.
func (a *Autoencoder) Evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	if err := a.usable(); err != nil {
		return nil, err
	}
	return train.Evaluate(ctx, a.model, set, a.o)
}

// History returns what each epoch of training came to.
func (a *Autoencoder) History() []train.Epoch { return a.history }

// Params returns the weights and states.
func (a *Autoencoder) Params() *graph.Params { return a.o.Params }

// Model returns the model.
func (a *Autoencoder) Model() Model { return a.model }

// Close frees what calls made so far keep compiled. Further calls are errors.
func (a *Autoencoder) Close() error {
	if a == nil {
		return nil
	}
	return a.f.Close()
}

// usable is an error of an autoencoder that was not made by Train or Load.
func (a *Autoencoder) usable() error {
	if a == nil || a.f == nil {
		return errors.New("stheno: no autoencoder: make it by Train or Load")
	}
	return nil
}
