package zoo

import (
	"math/rand/v2"

	denses "github.com/stheno-ml/stheno/models/dense"
	models "github.com/stheno-ml/stheno/models/vae"
)

// vaeConditional are the variational autoencoders that are given more than the sample,
// or less: labels, parts, masks, clusters.
func vaeConditional() []Entry {
	baskets := map[string]func(r *rand.Rand, n int) []float32{"x": basket}
	small := models.Config{Input: 20, Hidden: []int{9}, Latent: 3}
	of := func(change func(*models.Config)) models.Config {
		c := small
		change(&c)
		return c
	}
	return []Entry{
		{Name: "quadrant", Model: models.Quadrant{Config: of(func(c *models.Config) { c.Hidden = []int{20} }), Rows: 4, Known: 1}, Metric: "recon"},
		{Name: "quadrant, its guess", Model: models.Guess{Quadrant: models.Quadrant{Config: small, Rows: 4, Known: 2}}},
		{Name: "semi-supervised", Model: models.SemiSupervised{Config: of(func(c *models.Config) { c.Classes, c.Activation = 3, "softplus" }), Alpha: new(5.0)}},
		{Name: "missing values", Model: models.Missing{Config: of(func(c *models.Config) { c.Likelihood = models.StudentT }), Draws: 4}},
		{Name: "items", Model: models.Items{Config: of(func(c *models.Config) { c.Beta = new(0.2) })}, Draw: baskets, Metric: "recon", Least: 0.7},
		{Name: "items, denoising", Model: models.Items{Config: small, Denoising: true, Dropout: new(0.2)}, Draw: baskets},
		{Name: "clustering", Model: denses.Clustering{Config: denses.Config{Input: 20, Hidden: []int{12, 3}, CodeActivation: "linear"}, Clusters: 4}, Draw: assignments(4), Metric: "kl"},
		{Name: "clustering that keeps the code", Model: denses.Clustering{Config: denses.Config{Input: 20, Hidden: []int{12, 3}, CodeActivation: "linear"}, Clusters: 4, Keep: 1}, Draw: assignments(4)},
	}
}

// assignments draws target distributions that are nearly one cluster each.
func assignments(clusters int) map[string]func(r *rand.Rand, n int) []float32 {
	return map[string]func(r *rand.Rand, n int) []float32{"target": func(r *rand.Rand, n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = 0.1 / float32(clusters)
		}
		for i := 0; i < n; i += clusters {
			x[i+r.IntN(clusters)] += 0.9
		}
		return x
	}}
}

// basket draws counts, most of which are 0.
func basket(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(max(0, r.IntN(10)-7))
	}
	return x
}
