package zoo

import models "github.com/stheno-ml/stheno/models/vae"

// vae are the variational autoencoders, by likelihood, posterior and prior.
func vae() []Entry {
	small := models.Config{Input: 20, Hidden: []int{9}, Latent: 3}
	with := func(change func(*models.Config)) models.Config {
		c := small
		change(&c)
		return c
	}
	return []Entry{
		{Name: "vae", Model: small, Metric: "recon"},
		{Name: "vae gaussian", Model: with(func(c *models.Config) { c.Likelihood, c.Scale = models.Gaussian, 0.1 }), Metric: "recon"},
		{Name: "vae gaussian learned", Model: with(func(c *models.Config) { c.Likelihood = models.GaussianLearned }), Metric: "recon"},
		{Name: "vae gaussian shared", Model: with(func(c *models.Config) { c.Likelihood = models.GaussianShared }), Metric: "recon"},
		{Name: "vae laplace", Model: with(func(c *models.Config) { c.Likelihood, c.Scale = models.Laplace, 0.1 }), Metric: "recon"},
		{Name: "vae student-t", Model: with(func(c *models.Config) { c.Likelihood = models.StudentT }), Metric: "recon"},
		{Name: "vae logistic", Model: with(func(c *models.Config) { c.Likelihood = models.Logistic }), Metric: "recon"},
		{Name: "vae beta-binomial", Model: with(func(c *models.Config) { c.Likelihood, c.BatchNorm = models.BetaBinomial, true }), Metric: "recon"},
		{Name: "vae categorical", Model: with(func(c *models.Config) { c.Likelihood, c.Levels = models.Categorical, 4 }), Metric: "recon"},
		{Name: "vae blocks", Model: with(func(c *models.Config) {
			c.Input, c.Blocks = 0, []models.Block{{Size: 3}, {Likelihood: models.Bernoulli}, {Likelihood: models.Multinomial, Size: 4}}
		}), Metric: "recon", Least: 0.8},
		{Name: "vae gated", Model: with(func(c *models.Config) { c.Gated, c.Decoder, c.Condition = true, []int{8, 7}, 2 }), Metric: "recon"},
		{Name: "vae capacity", Model: with(func(c *models.Config) { c.Capacity, c.FreeBits, c.Binarize = new(5.0), 0.1, true }), Metric: "recon"},
		{Name: "vae importance", Model: models.Importance{Config: small, Draws: 4}, Metric: "recon", Least: 0.75},
		{Name: "vae planar", Model: models.Planar{Config: small, Flows: 2}, Metric: "recon"},
		{Name: "vae autoregressive", Model: models.Autoregressive{Config: small, Flows: 2, Units: []int{7}}, Metric: "recon"},
		{Name: "vae vamp", Model: models.Vamp{Config: small, Components: 5}, Metric: "recon"},
		{Name: "vae two layers", Model: models.TwoLayer{Config: small, TopHidden: []int{6}, TopLatent: 2, Draws: 2}, Metric: "recon", Least: 0.75},
	}
}
