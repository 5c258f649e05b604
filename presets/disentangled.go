package presets

import (
	"context"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

const (
	gap         = "MIG"
	gapAbove    = "MIG above that of the VAE"
	correlation = "total correlation against that of the VAE"
	sprites     = 36864
)

// spriteNet is the net of the presets on sprites.
func spriteNet() vae.Config {
	return vae.Config{Input: 1024, Hidden: []int{400, 400}, Latent: 10}
}

// disentangled are presets whose codes separate the factors of generated sprites.
func disentangled() []Preset {
	const data = "36,864 generated sprites, all for training and scoring"
	const recipe = "1024-400-400-10, ReLU, cross entropy; Adam 1e-3, batches of 256, 50 epochs; "
	net := spriteNet()
	tc := vae.TotalCorrelation{Config: with(net, 6), Samples: sprites}
	return []Preset{{
		Name: "beta-tc", Title: "a code without total correlation", Paper: "Chen et al. 2018",
		Data: data, Recipe: recipe + "beta 6 with minibatch-stratified sampling, and a VAE", Minutes: 5,
		Figures: []Figure{{Metric: gap, Higher: true}, {Metric: gapAbove, Higher: true, Target: .1}, {Metric: correlation, Target: .5}},
		Run:     func(ctx context.Context, r *Run) (map[string]float64, error) { return separate(ctx, r, tc) },
	}, {
		Name: "beta", Title: "a heavier divergence", Paper: "Higgins et al. 2017",
		Data: data, Recipe: recipe + "beta 6, and a VAE", Minutes: 4,
		Figures: []Figure{{Metric: gap, Higher: true}, {Metric: gapAbove, Higher: true}, {Metric: correlation}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			return separate(ctx, r, with(net, 6))
		},
	}, {
		Name: "factor", Title: "total correlation by a discriminator", Paper: "Kim and Mnih 2018",
		Data: data, Recipe: recipe + "gamma 10, discriminator of four layers of 200, and a VAE", Minutes: 5,
		Figures: []Figure{{Metric: gap, Higher: true}, {Metric: gapAbove, Higher: true}, {Metric: correlation}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			return separate(ctx, r, vae.Factor{Config: net, Discriminator: []int{200, 200, 200, 200}})
		},
	}}
}

// coder is a model whose codes are drawn from normal distributions.
type coder interface {
	train.Model
	estimate.Normal
}

// separate trains a model and a VAE with the same layers on sprites.
func separate(ctx context.Context, r *Run, m coder) (map[string]float64, error) {
	set := r.Limit(data.NewSprites())
	o := train.Options{Batch: 256, Epochs: 50}
	p, err := r.Fit(ctx, "train", m, set, o)
	if err != nil {
		return nil, err
	}
	own, err := r.separation(ctx, m, p, set)
	if err != nil || r.Untrained {
		return map[string]float64{gap: own.gap}, err
	}
	plain := spriteNet()
	q, err := r.Fit(ctx, "vae", plain, set, o)
	if err != nil {
		return nil, err
	}
	base, err := r.separation(ctx, plain, q, set)
	if err != nil {
		return nil, err
	}
	r.Note("the VAE has a MIG of %.3f; total correlation of the codes %.3f against %.3f nats", base.gap, own.correlation, base.correlation)
	if err := r.walks(m, p, set); err != nil {
		return nil, err
	}
	return map[string]float64{gap: own.gap, gapAbove: own.gap - base.gap, correlation: own.correlation / base.correlation}, nil
}

// separation says how a code separates factors.
type separation struct{ gap, correlation float64 }

// separation measures the codes of all sprites: the gap of the means of q(z|x), and the total
// correlation of q(z).
func (r *Run) separation(ctx context.Context, m coder, p *graph.Params, set data.Set) (s separation, err error) {
	codes, err := r.Compute(m, p, set, graph.OutputCode)
	if err != nil {
		return s, err
	}
	factors, err := data.ArrayOf(set, "factors")
	if err != nil {
		return s, err
	}
	kinds := make([]int, len(factors.Values))
	for i, v := range factors.Values {
		kinds[i] = int(v)
	}
	if s.gap, err = metrics.MIG(float64s(codes[0].Data), codes[0].Shape[1], kinds, 5); err != nil {
		return s, err
	}
	parts, err := estimate.Correlated(ctx, m, set, r.Size(4000, 20), estimate.Options{Backend: r.Backend, Params: p, Seed: r.Seed, Batch: 256})
	s.correlation = parts.Total
	return s, err
}

// walks draws what changes when each value of a sprite's code goes from -2 to 2.
func (r *Run) walks(m train.Model, p *graph.Params, set data.Set) error {
	f, err := train.NewFunction(m, train.Options{Backend: r.Backend, Params: p}, vm.FunctionOptions{})
	if err != nil {
		return err
	}
	defer f.Close()
	codes, err := r.Compute(m, p, data.Limit(set, 1), graph.OutputCode)
	if err != nil {
		return err
	}
	var rows [][]float32
	size := len(codes[0].Data)
	for k := range size {
		from, to := append([]float32(nil), codes[0].Data...), append([]float32(nil), codes[0].Data...)
		from[k], to[k] = -2, 2
		z, err := sampler.Linear(from, to, 9)
		if err != nil {
			return err
		}
		x, err := sampler.Decode(f, z, []int{size})
		if err != nil {
			return err
		}
		rows = append(rows, x.Data)
	}
	return r.Grid("walks along each value of a code", []int{1, 32, 32}, rows...)
}
