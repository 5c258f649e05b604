package presets

import (
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// vaeRegularized are presets of autoencoders from whose codes new samples are drawn.
func vaeRegularized() []Preset {
	squared := squaredError()
	squared.Hidden, squared.Latent = []int{512}, 16
	half := squared
	half.Scale = 1
	out := []Preset{
		sampled{
			name: "ae-gmm", title: "a plain autoencoder with a mixture of normals", paper: "Ghosh et al. 2020, section 4",
			loss: "squared error", model: vae.Regularized{Config: with(squared, 0), Penalty: "none"}, mse: .01118, rate: 1e-3,
		}.preset(),
		sampled{
			name: "wae-mmd", title: "a Wasserstein autoencoder", paper: "Tolstikhin et al. 2018",
			loss: "squared error, MMD with the IMQ kernel, weight 10", model: vae.Wasserstein{Config: squared}, mse: .01072, rate: 1e-3,
		}.preset(),
		sampled{
			name: "rae-l2", title: "a regularised autoencoder", paper: "Ghosh et al. 2020",
			// Adam's weight decay d of the peer is the gradient of d/2 times the sum of squares.
			loss: "squared error, |z|^2/2 with weight .01, decoder's weights with 5e-5", model: vae.Regularized{Config: with(squared, .01), Lambda: new(5e-5)}, mse: .01657, rate: 1e-4,
		}.preset(),
		sampled{
			name: "aae", title: "an adversarial autoencoder", paper: "Makhzani et al. 2015",
			loss: "half the squared error, adversary 16-256-1 with weight .9", model: vae.Adversarial{Config: half, Gaussian: true, Critic: []int{256}, Lambda: new(.9)}, mse: .01876, rate: 1e-4,
		}.preset(),
	}
	return append(out, disentangled()...)
}

// squaredError is a net with the summed squared error as its loss, for pixels in [0,1]. Its
// weights start like the peer's.
func squaredError() vae.Config {
	return vae.Config{Likelihood: vae.GaussianUnit, Scale: math.Sqrt(0.5), Init: byFanIn}
}

// byFanIn draws weights between -1/sqrt(n) and 1/sqrt(n) for n inputs of a unit, as PyTorch
// does. An adversarial net is sensitive to the start: from Glorot's, the first epoch of
// "aae" ends with a third more error.
func byFanIn(d graph.Draw, shape graph.Shape, w []float64) error {
	in, _, err := graph.Fans(shape)
	if err != nil {
		return err
	}
	a := 1 / math.Sqrt(float64(in))
	return graph.Uniform(-a, a)(d, shape, w)
}

func with(c vae.Config, beta float64) vae.Config {
	c.Beta = &beta
	return c
}

// sampled is an autoencoder of digits whose decoder is given codes from N(0,1) and from a
// mixture that is fitted to the codes of the training set.
type sampled struct {
	name, title, paper, loss string
	model                    train.Model
	mse                      float64 // of Pythae
	rate                     float64 // with which Pythae's trainer of the model got there
}

const (
	fromPrior   = "FD, codes from N(0,1)"
	fromMixture = "FD, codes from a mixture of 10"
	ofRecon     = "FD of reconstructions"
)

func (s sampled) preset() Preset {
	return Preset{
		Name: s.name, Title: s.title, Paper: s.paper,
		Data:    mnist,
		Recipe:  "784-512-16-512-784, ReLU, sigmoid; " + s.loss + fmt.Sprintf("; Adam %.0e, batches of 100, 5 epochs", s.rate),
		Minutes: 1, Fast: true,
		Figures: []Figure{
			{Metric: testMSE, Expected: s.mse, Source: "Pythae 0.1.2 with the same net, data and epochs", Target: math.Round(s.mse*1.03*1e5) / 1e5},
			{Metric: ofRecon}, {Metric: fromPrior}, {Metric: fromMixture},
		},
		Run: s.run,
	}
}

func (s sampled) run(ctx context.Context, r *Run) (map[string]float64, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	p, err := r.Fit(ctx, "train", s.model, training, train.Options{Batch: 100, Epochs: 5, Optimizer: optim.Adam{Rate: &s.rate}})
	if err != nil {
		return nil, err
	}
	means, err := r.Evaluate(ctx, s.model, p, test)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{testMSE: means[graph.MetricMSE]}
	if r.Untrained {
		return values, nil
	}
	y, err := r.yardstick(ctx, training, test)
	if err != nil {
		return nil, err
	}
	recon, err := r.Compute(s.model, p, test, graph.OutputRecon)
	if err != nil {
		return nil, err
	}
	if values[ofRecon], err = y.distance(recon[0].Data); err != nil {
		return nil, err
	}
	f, err := train.NewFunction(s.model, train.Options{Backend: r.Backend, Params: p}, vm.FunctionOptions{Batch: 500})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	mixture, err := r.mixture(s.model, p, training)
	if err != nil {
		return nil, err
	}
	for metric, codes := range map[string]sampler.Sampler{fromPrior: sampler.Normal(16), fromMixture: mixture} {
		x, err := sampler.Generate(f, codes, r.Size(10000, 200), r.Seed)
		if err != nil {
			return nil, err
		}
		if values[metric], err = y.distance(x.Data); err != nil {
			return nil, err
		}
		title := map[string]string{fromPrior: "from the prior", fromMixture: "from the mixture"}[metric]
		if err := r.Grid(title, []int{1, 28, 28}, x.Data[:12*784], x.Data[12*784:24*784], x.Data[24*784:36*784]); err != nil {
			return nil, err
		}
	}
	r.Note("FD is by 64 features of a classifier that this project trains: %s", "compare it within these presets only")
	return values, r.Reconstructions("reconstructions", s.model, p, test)
}

// mixture fits ten normals to the codes of a set.
func (r *Run) mixture(m train.Model, p *graph.Params, set data.Set) (*sampler.Mixture, error) {
	codes, err := r.Compute(m, p, set, graph.OutputCode)
	if err != nil {
		return nil, err
	}
	return sampler.GaussianMixture{Components: 10, Seed: r.Seed}.Fit(codes[0].Data, codes[0].Shape[1])
}
