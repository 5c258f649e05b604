package presets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// semiSupervised is M2 of Kingma et al. (2014), with few labels.
func semiSupervised() Preset {
	const source = "Pyro, tutorial/source/ss-vae.ipynb, mean of five draws of labels"
	metric := func(labels int) string { return fmt.Sprintf("test accuracy of %d labels", labels) }
	return Preset{
		Name:    "m2-semi",
		Title:   "digits learnt from 3,000 and from 100 labels",
		Paper:   "Kingma, Rezende, Mohamed, Welling, Semi-supervised learning with deep generative models (2014), M2",
		Data:    "MNIST, 50,000 to train on, of which 3,000 or 100 have labels, as many of each digit, drawn by the seed; 10,000 to test; grey values as probabilities, not binarised",
		Recipe:  "classifier 784-500-10, encoder 794-500-50, decoder 60-500-784, softplus, exact sum over the classes, classifier's term x 46; Adam 2e-3 to 0 by a cosine, batches of 100, 40 epochs",
		Minutes: 30,
		Figures: []Figure{
			{Metric: metric(3000), Higher: true, Expected: .958, Source: source, Target: .957},
			{Metric: metric(100), Higher: true, Expected: .932, Source: source, Target: .93},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			all, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			all = data.Limit(all, max(1, all.Len()*5/6))
			known, err := data.Map(test, []data.Field{{Name: vae.InputLabelled}}, 0, func(_ int, _ *rand.Rand, _, to [][]float32) error {
				to[0][0] = 1
				return nil
			})
			if err != nil {
				return nil, err
			}
			values := map[string]float64{}
			for _, labels := range []int{3000, 100} {
				training, err := withLabels(all, labels, r.Seed)
				if err != nil {
					return nil, err
				}
				m := vae.SemiSupervised{Config: vae.Config{Hidden: []int{500}, Latent: 50, Activation: "softplus"}, Alpha: new(46.0)}
				o := train.Options{Epochs: 40, Batch: 100, Schedules: map[string]train.Schedule{"rate": train.Cosine(2e-3, 0)}}
				p, err := r.Fit(ctx, fmt.Sprintf("labels-%d", labels), m, training, o)
				if err != nil {
					return nil, err
				}
				means, err := r.Evaluate(ctx, m, p, known)
				if err != nil {
					return nil, err
				}
				values[metric(labels)] = means["accuracy"]
				if err := drawClasses(r, m, p, fmt.Sprintf("classes from %d labels", labels)); err != nil {
					return nil, err
				}
			}
			return values, nil
		},
	}
}

// withLabels adds the field "labelled" to a set: 1 for as many samples of each of ten
// classes, n in all, chosen by the seed; the labels of the others are set to 0. If n is
// small, samples with labels are repeated, so that they are 2 in 100.
func withLabels(set data.Set, n int, seed uint64) (data.Set, error) {
	label, err := data.ArrayOf(set, graph.InputLabel)
	if err != nil {
		return nil, err
	}
	left, chosen := [10]int{}, make([]bool, set.Len())
	for i := range left {
		left[i] = n / len(left)
	}
	order := rand.New(rand.NewPCG(seed, 1)).Perm(set.Len())
	indices := make([]int, set.Len())
	for i := range indices {
		indices[i] = i
	}
	var labelled []int
	for _, i := range order {
		if class := int(label.Values[i]); left[class] > 0 {
			left[class]--
			chosen[i] = true
			labelled = append(labelled, i)
		}
	}
	at := slices.IndexFunc(set.Fields(), func(f data.Field) bool { return f.Name == graph.InputLabel })
	made := []data.Field{{Name: graph.InputLabel, Classes: 10}, {Name: vae.InputLabelled}}
	set, err = data.Map(set, made, 0, func(i int, _ *rand.Rand, from, to [][]float32) error {
		to[0][0], to[1][0] = 0, 0
		if chosen[i] {
			to[0][0], to[1][0] = from[at][0], 1
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for range set.Len()/50/max(1, len(labelled)) - 1 {
		indices = append(indices, labelled...)
	}
	return data.Pick(set, indices)
}

// drawClasses draws a row of images of each class. Those of a column have the same code
// z.
func drawClasses(r *Run, m vae.SemiSupervised, p *graph.Params, title string) error {
	if r.Untrained {
		return nil
	}
	const columns, classes = 12, 10
	latent := m.Latent
	random := rand.New(rand.NewPCG(r.Seed, 2))
	z := make([]float32, columns*latent)
	for i := range z {
		z[i] = float32(random.NormFloat64())
	}
	f, err := train.NewFunction(m, train.Options{Backend: r.Backend, Params: p}, vm.FunctionOptions{})
	if err != nil {
		return err
	}
	defer f.Close()
	var rows [][]float32
	for class := range classes {
		var code []float32
		for i := range columns {
			hot := make([]float32, classes)
			hot[class] = 1
			code = append(append(code, hot...), z[i*latent:(i+1)*latent]...)
		}
		images, err := sampler.Decode(f, code, []int{classes + latent})
		if err != nil {
			return err
		}
		rows = append(rows, images.Data)
	}
	return r.Grid(title, []int{1, 28, 28}, rows...)
}
