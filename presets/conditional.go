package presets

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// conditional are the presets of autoencoders that are given labels, parts or masks.
func conditional() []Preset { return []Preset{quadrants(), semiSupervised(), missing()} }

// quadrants is the completion of images of Sohn et al. (2015).
func quadrants() Preset {
	const source = "Pyro, tutorial/source/cvae.ipynb, stopped early by the test images"
	metric := func(known int) string {
		return fmt.Sprintf("-log p(rest given %d quadrants), nats", known)
	}
	const margin = "least advantage over the deterministic net, nats"
	return Preset{
		Name:    "cvae-quadrant",
		Title:   "images completed from one, two and three of their quadrants",
		Paper:   "Sohn, Lee, Yan, Learning structured output representation using deep conditional generative models (2015)",
		Data:    "MNIST, 50,000 to train on, the last 10,000 training images to stop early by, 10,000 to test; grey values as probabilities, not binarised",
		Recipe:  "784-500-500-200, ReLU, for prior, recognition and generation; the deterministic net 784-500-500-784 first; Adam 1e-3, batches of 128, up to 50 epochs each with a patience of 3; 100 importance samples",
		Minutes: 15,
		Figures: []Figure{
			{Metric: metric(1), Expected: 71.8, Source: source, Target: 72.5},
			{Metric: metric(2), Expected: 51.0, Source: source, Target: 51.5},
			{Metric: metric(3), Expected: 24.2, Source: source, Target: 24.5},
			{Metric: margin, Higher: true, Expected: 25.4 - 24.2, Source: source, Target: 0.1},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			all, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			training, held, err := data.Split(all, data.SplitOptions{Count: max(1, all.Len()/6), InOrder: true})
			if err != nil {
				return nil, err
			}
			values := map[string]float64{}
			for known := 1; known <= 3; known++ {
				m := vae.Quadrant{Config: vae.Config{Hidden: []int{500, 500}, Latent: 200}, Known: known}
				stop := func(metric string) train.Options {
					return train.Options{Epochs: 50, Validation: held, EvalBatch: 500, Callbacks: []train.Callback{&train.EarlyStopping{Metric: metric, Patience: 3}}}
				}
				guess := vae.Guess{Quadrant: m}
				p, err := r.Fit(ctx, fmt.Sprintf("guess-%d", known), guess, training, stop("baseline"))
				if err != nil {
					return nil, err
				}
				net, err := r.Evaluate(ctx, guess, p, test)
				if err != nil {
					return nil, err
				}
				o := stop("elbo")
				o.Params, m.KeepGuess = p, true
				if p, err = r.Fit(ctx, fmt.Sprintf("quadrant-%d", known), m, training, o); err != nil {
					return nil, err
				}
				m.Draws = r.Size(100, 2)
				means, err := train.Evaluate(ctx, m, test, train.Options{Backend: r.Backend, Params: p, Seed: r.Seed, EvalBatch: min(50, test.Len())})
				if err != nil {
					return nil, err
				}
				values[metric(known)] = means["nll"]
				r.Note("%d quadrants known: the deterministic net %.2f nats, one draw of the recognition net %.2f", known, net["baseline"], means["elbo"])
				if gain := net["baseline"] - means["nll"]; known == 1 || gain < values[margin] {
					values[margin] = gain
				}
				if err := drawCompletions(r, m, p, test); err != nil {
					return nil, err
				}
			}
			return values, nil
		},
	}
}

// drawCompletions draws images, what the baseline makes of their known part, and two
// draws of the model.
func drawCompletions(r *Run, m vae.Quadrant, p *graph.Params, set data.Set) error {
	if r.Untrained {
		return nil
	}
	set = data.Limit(set, 12)
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return err
	}
	guess, err := r.Compute(vae.Guess{Quadrant: m}, p, set, "completed")
	if err != nil {
		return err
	}
	rows := [][]float32{x.Values, guess[0].Data}
	for seed := range 3 {
		again := *r
		again.Seed += uint64(seed)
		drawn, err := again.Compute(m, p, set, "drawn")
		if err != nil {
			return err
		}
		rows = append(rows, drawn[0].Data)
	}
	return r.Grid(fmt.Sprintf("completed from %d quadrants", m.Known), x.Shape, rows...)
}

// semiSupervised is M2 of Kingma et al. (2014), with few labels.
func semiSupervised() Preset {
	const source = "Pyro, tutorial/source/ss-vae.ipynb, mean of five draws of labels"
	metric := func(labels int) string { return fmt.Sprintf("test accuracy of %d labels", labels) }
	return Preset{
		Name:    "m2-semi",
		Title:   "digits learnt from 3,000 and from 100 labels",
		Paper:   "Kingma, Rezende, Mohamed, Welling, Semi-supervised learning with deep generative models (2014), M2",
		Data:    "MNIST, 50,000 to train on, of which 3,000 or 100 have labels, as many of each digit, drawn by the seed; 10,000 to test; grey values as probabilities, not binarised",
		Recipe:  "classifier 784-500-10, encoder 794-500-50, decoder 60-500-784, softplus, exact sum over the classes, classifier's term x 46; Adam 4.2e-4, batches of 200, 40 epochs",
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
				o := train.Options{Epochs: 40, Batch: 200, Optimizer: optim.Adam{Rate: new(4.2e-4)}}
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
		out := []vm.Array{{Name: graph.OutputRecon}}
		if err := f.Call([]vm.Array{{Name: graph.OutputCode, Shape: []int{columns, classes + latent}, Data: code}}, out); err != nil {
			return err
		}
		rows = append(rows, out[0].Data)
	}
	return r.Grid(title, []int{1, 28, 28}, rows...)
}

// missing is the imputation of Mattei and Frellsen (2019).
func missing() Preset {
	const metric = "MSE of missing values, standardised"
	return Preset{
		Name:    "miwae",
		Title:   "half of a table's values imputed",
		Paper:   "Mattei, Frellsen, MIWAE: deep generative modelling and imputation of incomplete data sets (2019)",
		Data:    "UCI breast cancer (diagnostic), 569 rows of 30 standardised columns, half of all values missing completely at random, by the seed; a tenth of the rows to stop early by, without their missing values",
		Recipe:  "30-128-128-10, tanh, Student's t, 20 draws in training and 1,000 to impute; Adam 1e-3, batches of 64, up to 1,000 epochs with a patience of 100",
		Minutes: 1.5,
		Fast:    true,
		Figures: []Figure{{Metric: metric, Expected: .280, Source: "the paper's table 2; .28 by its code in PyTorch, mean of two masks", Target: .30}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			path, err := r.File("imputation", "breast_cancer.csv")
			if err != nil {
				return nil, err
			}
			full, err := openBreastCancer(path)
			if err != nil {
				return nil, err
			}
			if full, err = data.Standardize(r.Limit(full), graph.InputX, r.Limit(full)); err != nil {
				return nil, err
			}
			holed, err := data.Map(full, []data.Field{{Name: graph.InputX, Shape: []int{30}}, {Name: graph.InputMask, Shape: []int{30}}}, r.Seed, func(_ int, random *rand.Rand, from, to [][]float32) error {
				for k, v := range from[0] {
					to[0][k], to[1][k] = 0, 0
					if random.Float64() < 0.5 {
						to[0][k], to[1][k] = v, 1
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			training, held, err := data.Split(holed, data.SplitOptions{Fraction: 0.1, Seed: r.Seed})
			if err != nil {
				return nil, err
			}
			m := vae.Missing{Config: vae.Config{Input: 30, Hidden: []int{128, 128}, Latent: 10, Activation: "tanh", Likelihood: vae.StudentT}}
			p, err := r.Fit(ctx, "train", m, training, train.Options{
				Batch: 64, Epochs: 1000, Validation: held, Callbacks: []train.Callback{&train.EarlyStopping{Metric: "bound", Patience: 100}},
			})
			if err != nil {
				return nil, err
			}
			m.Draws = r.Size(1000, 10)
			out, err := r.Compute(m, p, holed, "imputed")
			if err != nil {
				return nil, err
			}
			mse, err := errorOfMissing(full, holed, out[0].Data)
			return map[string]float64{metric: mse}, err
		},
	}
}

// errorOfMissing is the mean squared error of the values where the mask is 0.
func errorOfMissing(full, holed data.Set, imputed []float32) (float64, error) {
	x, err := data.ArrayOf(full, graph.InputX)
	if err != nil {
		return 0, err
	}
	mask, err := data.ArrayOf(holed, graph.InputMask)
	if err != nil {
		return 0, err
	}
	sum, n := 0.0, 0.0
	for i, m := range mask.Values {
		if m == 0 {
			d := float64(imputed[i] - x.Values[i])
			sum, n = sum+d*d, n+1
		}
	}
	return sum / n, nil
}

// openBreastCancer reads the table: a first line of counts and names, then 30 columns and
// the class.
func openBreastCancer(path string) (data.Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const columns = 30
	x := data.Array{Name: graph.InputX, Shape: []int{columns}}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		values := strings.Split(lines.Text(), ",")
		if n == 1 {
			continue
		}
		if len(values) != columns+1 {
			return nil, fmt.Errorf("%s, line %d: %d values, want %d and the class", path, n, len(values), columns)
		}
		for _, text := range values[:columns] {
			v, err := strconv.ParseFloat(text, 32)
			if err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", path, n, err)
			}
			x.Values = append(x.Values, float32(v))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return data.InMemory(x)
}
