package zoo

import models "github.com/stheno-ml/stheno/models/vae"

// vaeRegularized are the autoencoders whose codes are kept close to a prior by other
// means than the divergence alone, and those with discrete codes.
func vaeRegularized() []Entry {
	small := models.Config{Input: 20, Hidden: []int{9}, Latent: 4}
	free := small // without a KL term
	small.Beta = new(0.5)
	image := models.Config{Conv: &models.Conv{Shape: []int{1, 6, 5}, Channels: []int{3, 4}}}
	return []Entry{
		{Name: "vae-total-correlation", Model: models.TotalCorrelation{Config: small, Samples: 50, Alpha: new(0.1), Gamma: new(0.1)}, Metric: "recon"},
		{Name: "vae-factor", Model: models.Factor{Config: small, Discriminator: []int{7, 6}, Gamma: new(0.5)}, Metric: "recon"},
		{Name: "vae-mmd", Model: models.MMD{Config: small, Lambda: new(1.0)}, Metric: "recon"},
		{Name: "vae-wasserstein", Model: models.Wasserstein{Config: free, Lambda: new(1.0), Discrepancy: models.Discrepancy{Kernel: "rbf"}}, Metric: "recon"},
		{Name: "vae-regularized", Model: models.Regularized{Config: free}, Metric: "recon"},
		{Name: "vae-regularized-gradient", Model: models.Regularized{Config: free, Penalty: "gradient"}, Metric: "recon"},
		{Name: "vae-regularized-image", Model: models.Regularized{Config: image, Penalty: "gradient"}, Metric: "recon"},
		{Name: "vae-regularized-spectral", Model: models.Regularized{Config: free, Penalty: "spectral"}, Metric: "recon", Least: 0.9},
		{Name: "vae-adversarial", Model: models.Adversarial{Config: free, Critic: []int{7}, Lambda: new(0.1)}, Metric: "recon"},
		{Name: "vae-gan", Model: models.GAN{Config: small, Discriminator: []int{32}, Gamma: new(50.0)}, Metric: "pixels", Rate: 0.003, Steps: 600, Least: 0.9},
		{Name: "vae-quantized", Model: models.Quantized{Config: free, Codes: 6, Width: 1}, Metric: "recon"},
		{Name: "vae-quantized-grid", Model: models.Quantized{Config: image, Codes: 6, Width: 3}, Metric: "recon"},
		{Name: "vae-gumbel-softmax", Model: models.GumbelSoftmax{Config: small, Categories: 4, Hard: true, Temperature: new(0.7)}, Metric: "recon", Steps: 600},
	}
}
