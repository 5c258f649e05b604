// Command pretrain trains an autoencoder on pictures without labels. Then it trains a
// classifier with the same encoder on the few pictures that have a label: first with the
// encoder frozen, then with all weights. All of them share one set of parameters. A
// classifier that is trained from scratch on the same labels shows the value of the
// pictures without labels.
//
//	go run ./examples/pretrain                                 # generated digits
//	go run ./examples/pretrain -data mnist -samples 60000
//
// It prints the accuracy of each classifier on test pictures.
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
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
)

// classifier is the encoder of an autoencoder, with a head that classifies digits.
type classifier struct {
	dense.Config
	Frozen bool // train only the head
}

func (m classifier) Build(b *graph.Builder, batch int) graph.Net {
	x, label := b.Input(graph.InputX, batch, 784), b.Input(graph.InputLabel, batch)
	logits := graph.Dense{Units: 10}.Apply(b.Scope("head"), m.Encode(b, x))
	hot := b.OneHot(label, 10)
	hit := lower.Num(1).Sub(lower.Arg(0).Less(lower.Arg(1))) // 1 if the label's logit is the largest
	accuracy := b.Mean(b.Map(hit, b.Sum(b.Mul(logits, hot), 1), b.Max(logits, 1)))
	task := graph.Task{Name: "class", Loss: b.CrossEntropy(logits, hot, 1), Metrics: []graph.Metric{{Name: "accuracy", Node: accuracy}}}
	if m.Frozen {
		task.Trains = []string{"head/*"}
	}
	return graph.Net{Outputs: map[string]*graph.Node{"logits": logits}, Tasks: []graph.Task{task}}
}

type options struct {
	data                    string
	samples, labels, epochs int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of pictures to train the autoencoder on")
	flag.IntVar(&o.labels, "labels", 100, "number of pictures that have a label")
	flag.IntVar(&o.epochs, "epochs", 20, "passes over the pictures without labels; five times as many over those with")
	flag.Parse()
	if err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, o options) error {
	ctx := context.Background()
	all, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	all, test = data.Limit(all, o.samples), data.Limit(test, 1000)
	labelled := data.Limit(all, o.labels)

	net := dense.Config{Hidden: []int{256, 128, 32}, Activation: "tanh"}
	ae, err := stheno.Train(ctx, net, all, stheno.Options{Epochs: o.epochs, Batch: 32, Progress: w})
	if err != nil {
		return err
	}
	defer ae.Close()
	for _, stage := range []struct {
		name   string
		frozen bool
		epochs int
		params *graph.Params
	}{
		{"pretrained, encoder frozen", true, 5 * o.epochs, ae.Params()},
		{"pretrained, all trained", false, 5 * o.epochs, ae.Params()}, // continues with the head of the first stage
		{"from scratch", false, 10 * o.epochs, nil},
	} {
		c, err := stheno.Train(ctx, classifier{net, stage.frozen}, labelled, stheno.Options{
			Epochs: stage.epochs, Batch: 20, Optimizer: optim.Adam{Rate: new(3e-3)}, Params: stage.params,
		})
		if err != nil {
			return err
		}
		defer c.Close()
		means, err := c.Evaluate(ctx, test)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%-26s  %4.1f %% of %d test pictures right with %d labels\n", stage.name, 100*means["accuracy"], test.Len(), labelled.Len())
	}
	return nil
}
