// Command sparse trains two kinds of autoencoders whose codes may be wider than the
// picture, because something other than the width keeps them from copying it. One keeps
// only the greatest elements of each code (Makhzani and Frey 2013). The other is
// contractive: the squared norm of the encoder's Jacobian is part of its loss, so that
// codes change little with the picture (Rifai et al. 2011). Each is compared with the same
// net without its constraint. All decode with the transpose of the encoder's weights.
//
//	go run ./examples/sparse                                   # generated digits
//	go run ./examples/sparse -data mnist -samples 10000 -epochs 3
//
// For each net it prints the mean squared error, the share of units that are above 0, the
// number of dead units, which are above 0 for no test picture, and the mean squared norm
// of the Jacobian. It writes test pictures, each beside the weights of the units that are
// greatest in its sparse code, to sparse.png. The second command prints
//
//	3136 relu     keep 0   contract 0      error 0.0046,  42.3 % active,    4 dead, Jacobian 1702.8
//	3136 relu     keep 32  contract 0      error 0.0163,   1.0 % active, 2403 dead, Jacobian 296.0
//	 256 sigmoid  keep 0   contract 0      error 0.0220, 100.0 % active,    0 dead, Jacobian 41.3
//	 256 sigmoid  keep 0   contract 0.003  error 0.0294, 100.0 % active,    0 dead, Jacobian 13.8
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/examples/internal/picture"
	"github.com/stheno-ml/stheno/graph"
)

const pixels = 28 * 28

// net is an autoencoder with one layer.
type net struct {
	Units      int
	Activation graph.Activation // "relu" or "sigmoid"
	Keep       int              // elements of a code that are kept; 0 means all
	Contract   float64          // weight of the Jacobian's squared norm in the loss
}

// Build adds the net to a graph.
func (m net) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, pixels)
	layer, enc := graph.Dense{Units: m.Units, Activation: m.Activation}, b.Scope("encoder")
	w, code := layer.Weight(enc, pixels), layer.Apply(enc, x)
	if m.Keep > 0 {
		code = b.KeepTopK(code, m.Keep, 1)
	}
	net := graph.BCE.Net(b, x, code, graph.DenseTied{Of: w}.Apply(b.Scope("decoder"), code))
	active := b.Greater(code, b.Number(0))
	slope := active
	if m.Activation == "sigmoid" {
		slope = b.Mul(code, b.AddConst(b.Neg(code), 1))
	}
	norm := b.Mean(b.Sum(b.Mul(b.Square(slope), b.Sum(b.Square(w), 0)), 1)) // Rifai et al., section 3.1
	for i := range net.Tasks {
		net.Tasks[i].Loss = b.Add(net.Tasks[i].Loss, b.Scale(norm, m.Contract))
		net.Tasks[i].Metrics = append(net.Tasks[i].Metrics,
			graph.Metric{Name: "active", Node: b.Mean(active)},
			graph.Metric{Name: "dead", Node: b.Sum(b.Equal(b.Sum(active, 0), b.Number(0)))},
			graph.Metric{Name: "jacobian", Node: norm})
		_, greatest := b.TopK(code, 11, 1)
		parts := b.Gather(b.Transpose(w, 1, 0), greatest, 0) // [N, 11, 784]
		parts = b.AddConst(b.Scale(b.Div(parts, b.MaxKeep(b.Abs(parts), 2)), 0.5), 0.5)
		net.Outputs["parts"] = b.Concat(1, b.Reshape(x, batch, 1, pixels), parts)
	}
	return net
}

type options struct {
	data, folder           string
	samples, epochs, units int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of samples to train on")
	flag.IntVar(&o.epochs, "epochs", 10, "passes over the samples")
	flag.IntVar(&o.units, "units", 4*pixels, "elements of a sparse code")
	flag.StringVar(&o.folder, "o", os.TempDir(), "folder for the picture")
	flag.Parse()
	if _, err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

// run returns the means over the test pictures, by net.
func run(w io.Writer, o options) (results []map[string]float64, err error) {
	ctx := context.Background()
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return nil, err
	}
	training, test = data.Limit(training, o.samples), data.Limit(test, 1000)
	some, err := data.ArrayOf(data.Limit(test, 8), "x")
	if err != nil {
		return nil, err
	}
	for _, m := range []net{
		{o.units, "relu", 0, 0},
		{o.units, "relu", 32, 0},
		{256, "sigmoid", 0, 0},
		{256, "sigmoid", 0, 3e-3},
	} {
		ae, err := stheno.Train(ctx, m, training, stheno.Options{Epochs: o.epochs, Batch: 64, EvalBatch: test.Len()})
		if err != nil {
			return nil, err
		}
		defer ae.Close()
		r, err := ae.Evaluate(ctx, test)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(w, "%4d %-7s  keep %-2d  contract %-5g  error %.4f, %5.1f %% active, %4.0f dead, Jacobian %.1f\n",
			m.Units, m.Activation, m.Keep, m.Contract, r["mse"], 100*r["active"], r["dead"], r["jacobian"])
		results = append(results, r)
		if m.Keep > 0 {
			parts, err := ae.Output("parts", some.Values)
			if err != nil {
				return nil, err
			}
			if err := picture.Grid(filepath.Join(o.folder, "sparse.png"), parts, 28, 28, 12); err != nil {
				return nil, err
			}
		}
	}
	fmt.Fprintln(w, "pictures:", filepath.Join(o.folder, "sparse.png"))
	return results, nil
}
