// Command importance trains importance-weighted autoencoders (Burda et al. 2016). From k
// draws of the code z for a picture x, it computes the bound
//
//	log mean over draws of p(x, z) / q(z | x)
//
// on log p(x). With one draw it is the evidence lower bound of a variational autoencoder.
// On average it rises with the number of draws, towards log p(x).
//
//	go run ./examples/importance                               # generated digits
//	go run ./examples/importance -data mnist -samples 20000 -epochs 3
//
// It trains with the bounds of 1, 5 and 50 draws. For each of the three nets it prints all
// three bounds on the test pictures, in nats. The second command prints
//
//	trained with    1 draw   5 draws  50 draws in the test
//	           1   -134.17   -130.83   -128.66
//	           5   -132.74   -125.77   -122.26
//	          50   -142.03   -128.29   -121.33
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

const pixels, latent = 28 * 28, 50

// weighted has the encoder and the decoder of a variational autoencoder, and the bound
// of a number of draws.
type weighted struct {
	vae.Config
	Draws int
}

// Build adds the net to a graph. A pixel is 1 with the probability of its grey value, and
// is drawn again in each step.
func (m weighted) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Less(b.Uniform("pixels", batch, pixels), b.Input(graph.InputX, batch, pixels))
	mu, logVar := m.Encode(b, x, nil)
	mu, logVar = b.Reshape(mu, batch, 1, latent), b.Reshape(logVar, batch, 1, latent)
	noise := b.Normal("noise", batch, m.Draws, latent)
	z := b.Add(mu, b.Mul(b.Exp(b.Scale(logVar, 0.5)), noise))
	logits := b.Reshape(m.Decode(b, b.Reshape(z, -1, latent), nil), batch, m.Draws, pixels)

	x = b.Reshape(x, batch, 1, pixels)
	likelihood := b.Sum(b.Sub(b.Mul(x, logits), b.Softplus(logits)), 2)                 // log p(x|z)
	prior := b.Scale(b.Sum(b.Sub(b.Add(b.Square(noise), logVar), b.Square(z)), 2), 0.5) // log p(z) - log q(z|x)
	bound := b.LogMeanExp(b.Add(likelihood, prior), 1)                                  // [N]
	return graph.Net{
		Outputs: map[string]*graph.Node{graph.OutputScore: b.Neg(bound)},
		Tasks:   []graph.Task{{Name: "bound", Loss: b.Neg(b.Mean(bound))}},
	}
}

type options struct {
	data            string
	samples, epochs int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of samples to train on")
	flag.IntVar(&o.epochs, "epochs", 10, "passes over the samples")
	flag.Parse()
	if _, err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

// run returns the bounds on the test pictures, by the draws in training and in the test.
func run(w io.Writer, o options) (bounds [3][3]float64, err error) {
	ctx := context.Background()
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return bounds, err
	}
	training, test = data.Limit(training, o.samples), data.Limit(test, 1000)
	draws := [3]int{1, 5, 50}
	net := vae.Config{Hidden: []int{200, 200}, Latent: latent, Activation: "tanh"}
	fmt.Fprintln(w, "trained with    1 draw   5 draws  50 draws in the test")
	for i, k := range draws {
		ae, err := stheno.Train(ctx, weighted{net, k}, training, stheno.Options{Epochs: o.epochs, Batch: 20})
		if err != nil {
			return bounds, err
		}
		defer ae.Close()
		fmt.Fprintf(w, "%12d", k)
		for j, k := range draws {
			means, err := train.Evaluate(ctx, weighted{net, k}, test, train.Options{Backend: stheno.Fastest(), Params: ae.Params(), EvalBatch: 20})
			if err != nil {
				return bounds, err
			}
			bounds[i][j] = -means[train.Loss]
			fmt.Fprintf(w, "%10.2f", bounds[i][j])
		}
		fmt.Fprintln(w)
	}
	return bounds, nil
}
