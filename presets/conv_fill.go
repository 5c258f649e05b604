package presets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/train"
)

// The figures of models that fill in hidden pixels, which are the same for all images.
// The best linear prediction of these pixels from the shown ones is what a net must beat.
const (
	hiddenMSE = "test MSE of hidden pixels"
	ofLinear  = "that MSE over linear regression's"

	byRegression = "linear regression of 20,000 training images on the shown pixels"
)

// inpainting hides the centre of images.
func inpainting() Preset {
	return Preset{
		Name:    "inpaint-mnist",
		Title:   "filling in the centre of digits",
		Paper:   "Pathak et al., Context Encoders (2016), without the adversary",
		Data:    "MNIST, 60,000 to train on, 10,000 to test; the 14x14 pixels at the centre are hidden",
		Recipe:  "3x3 convolutions of stride 2 to 16, 32 and 64 channels, a code of 128, and back, ReLU, cross entropy; Adam 1e-3, batches of 128, 10 epochs",
		Minutes: 2,
		Figures: []Figure{{Metric: hiddenMSE, Expected: .1045, Source: byRegression}, {Metric: ofLinear, Target: .7}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			shown := make([]bool, 28*28)
			for i := range shown {
				row, column := i/28, i%28
				shown[i] = row < 7 || row >= 21 || column < 7 || column >= 21
			}
			masked := func(set data.Set) (data.Set, error) {
				mask := data.Field{Name: graph.InputMask, Shape: []int{1, 28, 28}}
				return data.Map(set, []data.Field{mask}, 0, func(_ int, _ *rand.Rand, _, to [][]float32) error {
					for k, s := range shown {
						if to[0][k] = 0; s {
							to[0][k] = 1
						}
					}
					return nil
				})
			}
			if training, err = masked(training); err != nil {
				return nil, err
			}
			if test, err = masked(test); err != nil {
				return nil, err
			}
			m := conv.Inpainting{Config: conv.Config{Encoder: []int{16, 32, 64}, Strided: true, ShrinkLast: true, Code: 128}}
			p, err := r.Fit(ctx, "train", m, training, train.Options{Batch: 128, Epochs: 10})
			if err != nil {
				return nil, err
			}
			return r.fill(ctx, m, p, training, test, shown)
		},
	}
}

// maskedAutoencoder hides patches.
func maskedAutoencoder() Preset {
	return Preset{
		Name:    "mae-mnist",
		Title:   "a masked autoencoder with attention over patches",
		Paper:   "He et al., Masked Autoencoders Are Scalable Vision Learners (2021)",
		Data:    "MNIST, 60,000 to train on, 10,000 to test; the same 37 of 49 patches of all test images are hidden",
		Recipe:  "2 transformer blocks of width 64 over 12 of 49 patches of 4x4, drawn for each image, and a decoder of one block of width 32, squared error; Adam 1e-3 falling to 0 as a cosine, batches of 128, 20 epochs",
		Minutes: 6,
		Figures: []Figure{{Metric: hiddenMSE, Expected: .0305, Source: byRegression}, {Metric: ofLinear, Target: 1}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			m := conv.Masked{Depth: 2, DecoderDepth: 1}
			o := train.Options{Batch: 128, Epochs: 20, Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)}}
			p, err := r.Fit(ctx, "train", m, training, o)
			if err != nil {
				return nil, err
			}
			shown := make([]bool, 28*28)
			for _, k := range m.Kept() {
				for i := range 16 {
					shown[(k/7*4+i/4)*28+k%7*4+i%4] = true
				}
			}
			return r.fill(ctx, m, p, training, test, shown)
		},
	}
}

// fill scores a net that fills in the same hidden pixels of all images. It draws images,
// what is shown of them, and what the net makes of that.
func (r *Run) fill(ctx context.Context, m train.Model, p *graph.Params, training, test data.Set, shown []bool) (map[string]float64, error) {
	means, err := r.Evaluate(ctx, m, p, test)
	if err != nil || r.Untrained {
		return map[string]float64{hiddenMSE: means[train.MSE]}, err
	}
	known, err := data.ArrayOf(data.Limit(training, 20000), graph.InputX)
	if err != nil {
		return nil, err
	}
	x, err := data.ArrayOf(test, graph.InputX)
	if err != nil {
		return nil, err
	}
	mean, linear, err := fillErrors(known.Values, x.Values, shown)
	if err != nil {
		return nil, err
	}
	r.Note("hidden pixels filled in with their means: MSE %.5f; by linear regression on the shown ones: %.5f", mean, linear)
	some := data.Limit(test, 12)
	recon, err := r.Compute(m, p, some, graph.OutputRecon)
	if err != nil {
		return nil, err
	}
	whole := x.Values[:some.Len()*len(shown)]
	seen, filled := slices.Clone(whole), slices.Clone(whole)
	for i := range whole {
		if !shown[i%len(shown)] {
			seen[i], filled[i] = 0, recon[0].Data[i]
		}
	}
	return map[string]float64{hiddenMSE: means[train.MSE], ofLinear: means[train.MSE] / linear}, r.Grid("whole, shown and filled in", x.Shape, whole, seen, filled)
}

// fillErrors returns the mean squared errors of the pixels of test images that are not
// shown, if they are filled in with their means over other images, and with the linear
// regression of these images on the shown pixels, clipped to [0,1]. Images are rows of
// len(shown) pixels.
func fillErrors(known, test []float32, shown []bool) (mean, linear float64, err error) {
	split := func(x []float32) (given, wanted *mat.Dense) { // with a constant in front of what is given
		var g, w []float64
		for i, v := range x {
			if i%len(shown) == 0 {
				g = append(g, 1)
			}
			if shown[i%len(shown)] {
				g = append(g, float64(v))
			} else {
				w = append(w, float64(v))
			}
		}
		n := len(x) / len(shown)
		return mat.NewDense(n, len(g)/n, g), mat.NewDense(n, len(w)/n, w)
	}
	given, wanted := split(known)
	var gram, moments, weights, predicted mat.Dense
	gram.Mul(given.T(), given)
	moments.Mul(given.T(), wanted)
	size, _ := gram.Dims()
	normal := mat.NewSymDense(size, nil)
	for i := range size {
		for j := range i + 1 {
			normal.SetSym(i, j, gram.At(i, j))
		}
		normal.SetSym(i, i, gram.At(i, i)+10) // pixels at the border are almost always 0
	}
	var factor mat.Cholesky
	if !factor.Factorize(normal) {
		return 0, 0, fmt.Errorf("presets: the regression on %d pixels has no solution", size-1)
	}
	if err := factor.SolveTo(&weights, &moments); err != nil {
		return 0, 0, err
	}
	testGiven, testWanted := split(test)
	predicted.Mul(testGiven, &weights)
	rows, columns := wanted.Dims()
	tests, _ := testWanted.Dims()
	for j := range columns {
		m := mat.Sum(wanted.ColView(j)) / float64(rows)
		for i := range tests {
			y := testWanted.At(i, j)
			d := min(max(predicted.At(i, j), 0), 1) - y
			mean, linear = mean+(y-m)*(y-m), linear+d*d
		}
	}
	n := float64(tests * columns)
	return mean / n, linear / n, nil
}
