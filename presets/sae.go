package presets

import (
	"context"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

// sae are presets of sparse autoencoders.
func sae() []Preset {
	d := dense.Dictionary{Input: 64, Units: 256}
	r := dense.Revival{AuxPool: 256, DeadAfter: 100_000}
	strong := dense.Revival{Aux: new(1.), AuxK: 8, AuxPool: 256, DeadAfter: 20_000} // where a batch or a threshold chooses, more units die
	return []Preset{
		superposition(Preset{
			Name:  "sae-topk",
			Title: "the directions of features in superposition, by the 8 greatest activations",
			Paper: "Gao et al., Scaling and evaluating sparse autoencoders (2024)",
		}, dense.TopKSAE{Dictionary: d, Revival: r, K: 8}),
		superposition(Preset{
			Name:  "sae-batch-topk",
			Title: "the directions of features in superposition, by the 8 greatest activations on average",
			Paper: "Bussmann, Leask and Nanda, BatchTopK sparse autoencoders (2024)",
		}, dense.BatchTopKSAE{Dictionary: d, Revival: strong, K: 8}),
		superposition(Preset{
			Name:  "sae-jumprelu",
			Title: "the directions of features in superposition, by thresholds that are learnt",
			Paper: "Rajamanoharan et al., Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders (2024)",
		}, dense.JumpReLUSAE{
			Dictionary: d, Revival: strong,
			Sparsity: new(2.), Target: 8, Bandwidth: 0.3, Threshold: 0.3,
		}),
		saeMNIST(),
	}
}

// superposition completes a preset of a model of features in superposition.
func superposition(p Preset, m train.Model) Preset {
	const mcc, fvu, l0, dead = "MCC with the true directions", "test FVU", "test L0", "dead units, %"
	p.Data = "256 directions in 64 dimensions, each active with p = 8/256 and magnitude |N(0,1)|, generated from seed 0: 1,024,000 to train on, 100,000 to test"
	p.Recipe = fmt.Sprintf("%v; Adam 1e-3, batches of 1,024, 15 epochs", m)
	p.Minutes = 2
	p.Figures = []Figure{
		{Metric: mcc, Higher: true, Expected: .992, Source: "top-k by sae-lens 6.54.12, 7,500 steps; .996 by PyTorch, 8,000 steps", Target: .982},
		{Metric: fvu, Expected: .144, Source: "top-k by sae-lens 6.54.12, 7,500 steps; .141 by PyTorch, 8,000 steps"},
		{Metric: l0},
		{Metric: dead, Target: 1},
	}
	p.Run = func(ctx context.Context, r *Run) (map[string]float64, error) {
		const training, test = 1_024_000, 100_000
		truth := data.Superposition{}
		all, err := truth.Samples(training + test)
		if err != nil {
			return nil, err
		}
		first, err := data.Subset(all, 0, training)
		if err != nil {
			return nil, err
		}
		rest, err := data.Subset(all, training, training+r.Size(test, 2000))
		if err != nil {
			return nil, err
		}
		p, err := r.Fit(ctx, "train", m, r.Limit(first), train.Options{Batch: 1024, Epochs: 15})
		if err != nil {
			return nil, err
		}
		code, err := r.sparseCode(m, p, r.Limit(rest))
		if err != nil {
			return nil, err
		}
		directions, err := truth.Directions()
		if err != nil {
			return nil, err
		}
		matched, err := metrics.MCC(directions, dictionaryOf(p))
		if err != nil {
			return nil, err
		}
		r.Note("|recon|/|x| is %.3f", code.Shrinkage())
		return map[string]float64{mcc: matched, fvu: code.FVU(), l0: code.L0(), dead: 100 * code.Dead()}, nil
	}
	return p
}

// saeMNIST compares a dictionary of digits with the same one under a penalty.
func saeMNIST() Preset {
	const fvu, dead, l0, l1FVU, l1L0 = "test FVU", "dead units, %", "test L0", "test FVU of the L1 net", "test L0 of the L1 net"
	d := dense.Dictionary{Input: 784, Units: 16 * 784}
	topk := dense.TopKSAE{Dictionary: d, K: 32}
	l1 := dense.L1SAE{Dictionary: d, Sparsity: new(1.)}
	return Preset{
		Name:    "sae-mnist",
		Title:   "a dictionary 16 times as large as a digit, and the same under a penalty",
		Paper:   "Gao et al., Scaling and evaluating sparse autoencoders (2024)",
		Data:    "MNIST, 60,000 to train on, 10,000 to test",
		Recipe:  fmt.Sprintf("%v, and %v; Adam 1e-3, batches of 256, 5 epochs each", topk, l1),
		Minutes: 10,
		Figures: []Figure{
			{Metric: fvu},
			{Metric: l0},
			{Metric: dead, Target: 5},
			{Metric: l1FVU},
			{Metric: l1L0},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			topk, l1 := topk, l1
			if r.Trial.Steps > 0 {
				topk.Units, l1.Units = 784, 784
			}
			out := map[string]float64{}
			for _, stage := range []struct {
				name          string
				model         train.Model
				fvu, l0, dead string
			}{
				{"topk", topk, fvu, l0, dead},
				{"l1", l1, l1FVU, l1L0, ""},
			} {
				p, err := r.Fit(ctx, stage.name, stage.model, training, train.Options{Batch: 256, Epochs: 5})
				if err != nil {
					return nil, err
				}
				code, err := r.sparseCode(stage.model, p, data.Limit(test, r.Size(test.Len(), 500)))
				if err != nil {
					return nil, err
				}
				out[stage.fvu], out[stage.l0] = code.FVU(), code.L0()
				if stage.dead == "" {
					r.Note("of the L1 net %.1f %% of the units are dead, and |recon|/|x| is %.3f", 100*code.Dead(), code.Shrinkage())
					continue
				}
				out[stage.dead] = 100 * code.Dead()
				r.Note("of the top-k net |recon|/|x| is %.3f", code.Shrinkage())
				if err := r.Reconstructions("reconstructions", stage.model, p, test); err != nil {
					return nil, err
				}
			}
			return out, nil
		},
	}
}

// sparseCode measures the codes and reconstructions of a set, some samples at a time.
func (r *Run) sparseCode(m train.Model, p *graph.Params, set data.Set) (code metrics.SparseCode, err error) {
	const part = 5000
	for from := 0; from < set.Len(); from += part {
		some, err := data.Subset(set, from, min(from+part, set.Len()))
		if err != nil {
			return code, err
		}
		x, err := data.ArrayOf(some, graph.InputX)
		if err != nil {
			return code, err
		}
		out, err := r.Compute(m, p, some, graph.OutputRecon, graph.OutputCode)
		if err != nil {
			return code, err
		}
		n := some.Len()
		for i := range n {
			if err := code.Add(sample(x.Values, n, i), sample(out[0].Data, n, i), sample(out[1].Data, n, i)); err != nil {
				return code, err
			}
		}
	}
	return code, nil
}

// sample is sample i of an array of n samples.
func sample(x []float32, n, i int) []float64 {
	size := len(x) / n
	out := make([]float64, size)
	for k, v := range x[i*size : (i+1)*size] {
		out[k] = float64(v)
	}
	return out
}

// dictionaryOf returns the rows of a trained dictionary, whose lengths do not matter.
func dictionaryOf(p *graph.Params) [][]float64 {
	w := p.Get("decoder/w")
	return slices.Collect(slices.Chunk(w.Floats(), w.Shape()[1]))
}
