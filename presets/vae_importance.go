package presets

import (
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

// importance is a short run with k draws.
func importance(k int) Preset {
	want := map[int]float64{1: 86.76, 5: 85.54, 50: 84.78}[k]
	minutes := map[int]float64{1: 3, 5: 6, 50: 40}[k]
	p := onDynamic(k, train.Options{Batch: 100, Epochs: 100, Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)}})
	p.Name, p.Title = fmt.Sprintf("iwae-%d", k), fmt.Sprintf("an importance weighted autoencoder with k = %d, short", k)
	p.Recipe = "784-200-200-50, tanh; Adam 1e-3, epsilon 1e-4, falling to 0 by a cosine, batches of 100, 100 epochs; the paper's steps, at the same parts of a run so short, end with 97.5 nats for k = 1"
	p.Minutes = minutes
	p.Figures = []Figure{{Metric: nll5000, Expected: want, Source: "Burda et al. 2016, 3,280 epochs in batches of 20"}}
	return p
}

// importanceFull is the published run of 50 draws, of two days. It goes on where it was
// interrupted.
func importanceFull() Preset {
	const k = 50
	p := onDynamic(k, train.Options{Batch: 20, Epochs: 3280, Schedules: map[string]train.Schedule{"rate": burda()}})
	p.Name, p.Title = fmt.Sprintf("iwae-%d-full", k), fmt.Sprintf("an importance weighted autoencoder with k = %d", k)
	p.Recipe = "784-200-200-50, tanh; Adam 1e-3, epsilon 1e-4, times 10^-1/7 after 1, 4, 13, ... epochs, batches of 20, 3,280 epochs"
	p.Minutes = 3000
	p.Figures = []Figure{{Metric: nll5000, Expected: 84.78, Source: "Burda et al. 2016; 84.59 in a re-run", Target: 84.8}}
	return p
}

// burda is the learning rate of Burda et al. 2016, section 5: 10^(-i/7) / 1000 for 3^i
// passes, for i from 0 to 7, which are 3,280 passes.
func burda() train.Schedule {
	var after []float64
	for passes, i := 0.0, 0; i < 7; i++ {
		passes += math.Pow(3, float64(i))
		after = append(after, passes/3280)
	}
	return train.Milestones(1e-3, math.Pow(10, -1./7), after...)
}

// onDynamic trains with the bound of k draws on images that are binarised in every step.
func onDynamic(k int, o train.Options) Preset {
	o.Optimizer = optim.Adam{Epsilon: 1e-4}
	m := vae.Importance{Config: vae.Config{Hidden: []int{200, 200}, Latent: 50, Activation: "tanh", Binarize: true}, Draws: k}
	return Preset{
		Paper: "Burda, Grosse and Salakhutdinov 2016",
		Data:  "MNIST, 60,000 to train on, binarised anew in every step; 10,000 to test, binarised once, seed 1",
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			if test, err = data.Binarize(test, 1); err != nil {
				return nil, err
			}
			p, err := r.Fit(ctx, "train", m, training, o)
			if err != nil {
				return nil, err
			}
			return r.likelihood(ctx, nll5000, 5000, m, p, test)
		},
	}
}
