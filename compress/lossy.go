package compress

import (
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Autoencoder is a trained model on some backend, such as a stheno.Autoencoder.
type Autoencoder interface {
	Encode(x []float32, more ...vm.Array) ([]float32, error)
	Decode(z []float32, more ...vm.Array) ([]float32, error)
	Model() train.Model
	Params() *graph.Params
}

// EncodeLossy writes the codes of the samples, the field "x" of a set, as EncodeCodes
// does. CodeOptions.Model is set to the autoencoder's. Stats.Values are the samples'
// values, not the codes'.
func EncodeLossy(w io.Writer, a Autoencoder, samples data.Set, o CodeOptions) (Stats, error) {
	codes, values, err := codesOf(a, samples)
	if err == nil {
		o.Model, err = hashOf(a)
	}
	if err != nil {
		return Stats{}, fmt.Errorf("compress: encode with loss: %w", err)
	}
	s, err := EncodeCodes(w, codes, o)
	if err != nil {
		return Stats{}, err
	}
	s.Values = values
	return s, nil
}

// codesOf computes the codes of samples, and returns how many values these have.
func codesOf(a Autoencoder, samples data.Set) (codes data.Array, values int, err error) {
	switch {
	case a == nil:
		return codes, 0, errNoAutoencoder
	case samples == nil || samples.Len() < 1:
		return codes, 0, errors.New("there are no samples")
	}
	x, err := data.ArrayOf(samples, graph.InputX)
	if err != nil {
		return codes, 0, err
	}
	z, err := a.Encode(x.Values)
	if err != nil {
		return codes, 0, err
	}
	n := samples.Len()
	if len(z) == 0 || len(z)%n != 0 {
		return codes, 0, fmt.Errorf("the autoencoder has %d values of code for %d samples of shape %v", len(z), n, x.Shape)
	}
	return data.Array{Name: graph.OutputCode, Shape: []int{len(z) / n}, Values: z}, len(x.Values), nil
}

// DecodeLossy reads the file that EncodeLossy wrote with the same autoencoder, and
// decodes the codes to samples, as exactly as its backend computes. Of the options it
// uses MaxBytes and MaxValues.
func DecodeLossy(r io.Reader, a Autoencoder, o Options) (data.Array, Stats, error) {
	x, s, err := decodeLossy(r, a, o)
	if err != nil {
		return data.Array{}, Stats{}, fmt.Errorf("compress: decode with loss: %w", err)
	}
	return x, s, nil
}

func decodeLossy(r io.Reader, a Autoencoder, o Options) (data.Array, Stats, error) {
	if a == nil {
		return data.Array{}, Stats{}, errNoAutoencoder
	}
	hash, err := hashOf(a)
	if err != nil {
		return data.Array{}, Stats{}, err
	}
	codes, model, s, err := decodeCodes(r, o)
	if err != nil {
		return data.Array{}, Stats{}, err
	}
	if model != hash {
		return data.Array{}, Stats{}, header{hash: model}.check(hash, nil)
	}
	shape, err := sampleShape(a)
	if err != nil {
		return data.Array{}, Stats{}, err
	}
	x := data.Array{Name: graph.InputX, Shape: shape}
	if s.Samples == 0 {
		return x, s, nil
	}
	if limit, _ := o.withDefaults(); s.Samples > limit.MaxValues/graph.Shape(shape).Size() {
		return data.Array{}, Stats{}, fmt.Errorf("%d samples of shape %v have more than %d values: raise Options.MaxValues if the file is to be trusted", s.Samples, shape, limit.MaxValues)
	}
	if x.Values, err = a.Decode(codes.Values); err != nil {
		return data.Array{}, Stats{}, err
	}
	s.Values = len(x.Values)
	return x, s, nil
}

var errNoAutoencoder = errors.New("there is no autoencoder: train or load one")

// hashOf is the hash of a model and its weights.
func hashOf(a Autoencoder) (Hash, error) {
	m, p := a.Model(), a.Params()
	if m == nil {
		return Hash{}, errNoAutoencoder
	}
	w, err := weightsOf(m, p)
	if err != nil {
		return Hash{}, err
	}
	return w.hash(m)
}

// sampleShape is the shape of the net's input "x".
func sampleShape(a Autoencoder) ([]int, error) {
	p, err := train.EvalProgram(a.Model(), 1, train.Options{Params: a.Params()})
	if err != nil {
		return nil, err
	}
	for _, in := range p.Inputs() {
		if in.Name == graph.InputX && len(in.Shape) > 0 {
			return in.Shape[1:], nil
		}
	}
	return nil, fmt.Errorf("the model has no input %q", graph.InputX)
}
