package zoo

import models "github.com/stheno-ml/stheno/models/vae"

// vae are the variational autoencoders, by likelihood, posterior and prior.
func vae() []Entry {
	return []Entry{
		{Name: "vae", Model: models.Config{Input: 20, Hidden: []int{9}, Latent: 3}, Metric: "recon"},
	}
}
