// Images: which are unlike the others, and where.

package detect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Images scores images by the mean squared error of their reconstruction by an
// autoencoder that learned from normal ones.
type Images struct {
	// Model is an autoencoder whose input "x" has the shape of an image; nil means a
	// dense one of 256, 128 and 32 units with the squared error.
	Model train.Model
	// Training has the defaults 20 Epochs, Batch 64 and Rate 1e-3. Without an Epochs,
	// Steps counts if it is set.
	Training Training
}

// ImageModel is a detector that was fitted to images. Any number of goroutines can use it
// at the same time.
type ImageModel struct {
	shape, input []int // of an image, and of the net's input
	f            *vm.Function
}

// Fit learns from the field "x" of a set of normal images, such as [1,28,28].
func (d Images) Fit(ctx context.Context, normal data.Set, o Options) (*ImageModel, error) {
	if err := d.Training.check("Images"); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, errors.New("detect: no context: give context.Background()")
	}
	x, err := imagesOf(normal)
	if err != nil {
		return nil, err
	}
	m := &ImageModel{shape: x.Shape, input: x.Shape}
	if d.Model == nil {
		size := graph.Shape(x.Shape).Size()
		m.input = []int{size}
		d.Model = dense.Config{Input: size, Hidden: []int{256, 128, 32}, CodeActivation: "linear", Loss: graph.MSE, Overcomplete: true}
	}
	set, err := data.InMemory(data.Array{Name: graph.InputX, Shape: m.input, Values: x.Values})
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	tr := d.Training
	rate := cmp.Or(tr.Rate, 1e-3)
	settings := train.Options{
		Backend: o.backend(), Seed: o.Seed, Epochs: tr.Epochs, Steps: tr.Steps, Batch: min(cmp.Or(tr.Batch, 64), set.Len()), DropLast: true,
		Optimizer: optim.AdamW{Adam: optim.Adam{Rate: &rate}, WeightDecay: &tr.WeightDecay},
		Schedules: map[string]train.Schedule{"rate": train.Cosine(rate, rate/100)},
	}
	if settings.Epochs == 0 && settings.Steps == 0 {
		settings.Epochs = 20
	}
	r, err := train.Fit(ctx, d.Model, set, settings)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	settings.Params = r.Params
	if m.f, err = train.NewFunction(d.Model, settings, vm.FunctionOptions{Batch: 512}); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	return m, nil
}

// imagesOf reads the images of a set.
func imagesOf(set data.Set) (data.Array, error) {
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return x, fmt.Errorf("detect: images: %w", err)
	}
	if x.Len() == 0 {
		return x, errors.New("detect: images: the set is empty")
	}
	size := len(x.Values) / x.Len()
	for i, v := range x.Values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return x, fmt.Errorf("detect: images: image %d: value %d is %g", i/size, i%size, v)
		}
	}
	return x, nil
}

// Score returns the mean squared error of each image of a set [N].
func (m *ImageModel) Score(set data.Set) ([]float64, error) {
	wrong, err := m.errors(set)
	if err != nil {
		return nil, err
	}
	size := graph.Shape(m.shape).Size()
	scores := make([]float64, len(wrong)/size)
	for i, w := range wrong {
		scores[i/size] += float64(w) / float64(size)
	}
	return scores, nil
}

// HeatMaps returns the squared error of each value of each image of a set, in their shape
// [N, ...]: where an image is strange.
func (m *ImageModel) HeatMaps(set data.Set) ([]float32, error) { return m.errors(set) }

func (m *ImageModel) errors(set data.Set) ([]float32, error) {
	if m == nil || m.f == nil {
		return nil, errors.New("detect: images: no model: make it by Images.Fit")
	}
	x, err := imagesOf(set)
	if err != nil {
		return nil, err
	}
	if !graph.Shape(x.Shape).Equal(m.shape) {
		return nil, fmt.Errorf("detect: images: they have the shape %v, those that were fitted %v: scale them alike", x.Shape, m.shape)
	}
	out := []vm.Array{{Name: graph.OutputRecon}}
	if err := m.f.Call([]vm.Array{{Name: graph.InputX, Shape: append([]int{x.Len()}, m.input...), Data: x.Values}}, out); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	if len(out[0].Data) != len(x.Values) {
		return nil, fmt.Errorf("detect: images: the reconstruction of %d values has %d: take an autoencoder of images of the shape %v", len(x.Values), len(out[0].Data), m.shape)
	}
	for i, y := range out[0].Data {
		out[0].Data[i] = (y - x.Values[i]) * (y - x.Values[i])
	}
	return out[0].Data, nil
}

// Close frees the compiled net.
func (m *ImageModel) Close() error {
	if m == nil || m.f == nil {
		return nil
	}
	return m.f.Close()
}
