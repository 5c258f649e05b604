package presets

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
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
