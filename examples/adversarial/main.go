// Command adversarial trains an adversarial autoencoder (Makhzani et al. 2015). Its
// codes should be distributed like N(0,1), so that random draws decode to new digits.
// Three tasks alternate: the autoencoder reduces the reconstruction error, a critic
// learns to distinguish codes from draws, and the encoder, as generator, learns to
// deceive the critic. The two adversaries have their own optimiser.
//
//	go run ./examples/adversarial             # generated digits
//	go run ./examples/adversarial -data mnist # the real ones
//
// It trains without the adversaries and with them. For both it prints the distance of
// the codes from N(0,1), as the mean over the code of KL(N(mean, variance) || N(0,1)) in
// nats, and the mean squared error of reconstructed test images. -o drawn.png writes a
// hundred digits decoded from draws.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/examples/internal/picture"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

const latent = 8

type options struct {
	data, picture   string
	samples, epochs int
	progress        io.Writer
}

func main() {
	o := options{progress: os.Stderr}
	flag.StringVar(&o.data, "data", "digits", "data set: a name, such as mnist, or a folder")
	flag.StringVar(&o.picture, "o", "", "write digits that the model draws to this PNG `file`")
	flag.IntVar(&o.samples, "samples", 60000, "train on the first `n` samples")
	flag.IntVar(&o.epochs, "epochs", 5, "passes over the samples")
	flag.Parse()
	if _, err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Adversarial is an autoencoder with a critic that sees its codes [N, 8].
type Adversarial struct{ dense.Config }

// Build adds the tasks of the adversaries to that of the autoencoder.
func (m Adversarial) Build(b *graph.Builder, batch int) graph.Net {
	net := m.Config.Build(b, batch)
	prior := b.Normal("prior", batch, latent)
	drawn, coded := critic(b, prior), critic(b, net.Outputs[graph.OutputCode])
	if b.Err() != nil {
		return graph.Net{}
	}
	opponents := optim.Adam{Rate: new(5e-4), Beta1: new(0.5)}
	net.Outputs[graph.OutputPrior] = prior
	net.Alternate = true
	net.Tasks = append(net.Tasks, graph.Task{
		Name: "critic", Trains: []string{"critic/*"}, Optimizer: opponents,
		// -log p(drawn) - log(1 - p(coded)), where p is the sigmoid of the logit
		Loss: b.Add(b.Mean(b.Softplus(b.Neg(drawn))), b.Mean(b.Softplus(coded))),
	}, graph.Task{
		Name: "generator", Trains: []string{"encoder/*"}, Optimizer: opponents,
		Loss: b.Mean(b.Softplus(b.Neg(coded))), // -log p(coded)
	})
	return net
}

// critic returns the logit [N, 1] of the probability that a code [N, 8] is a draw.
func critic(b *graph.Builder, z *graph.Node) *graph.Node {
	b = b.Scope("critic")
	h := graph.Dense{Units: 128, Activation: "relu"}.Apply(b.Scope("fc1"), z)
	h = graph.Dense{Units: 128, Activation: "relu"}.Apply(b.Scope("fc2"), h)
	return graph.Dense{Units: 1}.Apply(b.Scope("logit"), h)
}

// result is what a model achieves on test images.
type result struct{ fromPrior, mse float64 }

// run trains the autoencoder without adversaries and with them.
func run(w io.Writer, o options) (r [2]result, err error) {
	ctx := context.Background()
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return r, err
	}
	training, test = data.Limit(training, o.samples), data.Limit(test, o.samples)
	x, err := data.ArrayOf(test, "x")
	if err != nil {
		return r, err
	}
	plain := dense.Config{Hidden: []int{256, 64, latent}, CodeActivation: "linear"}
	for i, m := range []stheno.Model{plain, Adversarial{plain}} {
		ae, err := stheno.Train(ctx, m, training, stheno.Options{Epochs: o.epochs, Progress: o.progress})
		if err != nil {
			return r, err
		}
		defer ae.Close()
		z, err := ae.Encode(x.Values)
		if err != nil {
			return r, err
		}
		means, err := ae.Evaluate(ctx, test)
		if err != nil {
			return r, err
		}
		r[i] = result{distance(z), means["mse"]}
		fmt.Fprintf(w, "%T: codes %.3f nats from N(0,1), reconstruction error %.4f\n", m, r[i].fromPrior, r[i].mse)
		if i == 1 && o.picture != "" {
			drawn, err := ae.Sample(100, 1)
			if err != nil {
				return r, err
			}
			return r, picture.Grid(o.picture, drawn, 28, 28, 10)
		}
	}
	return r, nil
}

// distance is the divergence from N(0,1) of a normal with the mean and variance of an
// element of the code z [N, 8], averaged over the elements.
func distance(z []float32) (kl float64) {
	n := float64(len(z) / latent)
	for k := range latent {
		sum, squares := 0.0, 0.0
		for i := k; i < len(z); i += latent {
			sum, squares = sum+float64(z[i]), squares+float64(z[i])*float64(z[i])
		}
		mean := sum / n
		kl += (squares/n - 1 - math.Log(squares/n-mean*mean)) / 2 / latent
	}
	return kl
}
