package zoo

import (
	"math/rand/v2"

	models "github.com/stheno-ml/stheno/models/dense"
)

// dictionaries are the sparse autoencoders whose code is larger than the sample.
func dictionaries() []Entry {
	d := models.Dictionary{Input: 10, Units: 24}
	r := models.Revival{AuxK: 3, AuxPool: 6, DeadAfter: 6}
	// At the start a code of one unit has a gradient of 0, and rounding errors decide what Adam
	// makes of it: all samples need more units.
	all := []Entry{
		{Name: "sae l1", Model: models.L1SAE{Dictionary: d, Sparsity: new(0.05)}},
		{Name: "sae topk", Model: models.TopKSAE{Dictionary: d, Revival: r, K: 4}},
		{Name: "sae topk of many", Model: models.TopKSAE{Dictionary: models.Dictionary{Input: 10, Units: 384}, Revival: r, K: 3}},
		{Name: "sae batch topk", Model: models.BatchTopKSAE{Dictionary: d, Revival: r, K: 8}},
		{Name: "sae matryoshka", Model: models.MatryoshkaSAE{Dictionary: d, Revival: r, K: 8, Prefixes: []int{6, 24}}},
		{Name: "sae jumprelu", Model: models.JumpReLUSAE{Dictionary: d, Revival: r, Sparsity: new(0.02), Bandwidth: 0.3, Threshold: 0.2}},
		{Name: "sae gated", Model: models.GatedSAE{Dictionary: d, Sparsity: new(0.05)}},
	}
	for i := range all {
		all[i].Draw = map[string]func(*rand.Rand, int) []float32{"x": normals}
		all[i].Metric, all[i].Least = "mse", 0.1
	}
	return all
}

// normals draws values of mean 0 and variance 1.
func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
