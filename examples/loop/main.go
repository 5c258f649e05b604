// Command loop shows how to write a custom training loop, for uses that packages stheno
// and train do not cover. The step is a graph.Program, a vm.Machine runs it, and
// data.Batches feeds it. The loop feeds each step by name, sets its learning rate, starts
// it, waits for it, and reads its loss.
//
//	go run ./examples/loop             # generated digits
//	go run ./examples/loop -data mnist # the real ones
//
// It prints the mean loss of each epoch, in nats per pixel.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

type options struct {
	data                   string
	samples, epochs, batch int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: a name, such as mnist, or a folder")
	flag.IntVar(&o.samples, "samples", 60000, "train on the first `n` samples")
	flag.IntVar(&o.epochs, "epochs", 3, "passes over the samples")
	flag.IntVar(&o.batch, "batch", 128, "samples per step")
	flag.Parse()
	if _, err := run(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// program builds the training step of an autoencoder: loss, gradients and Adam.
func program(p *graph.Params, batch int) (*graph.Program, error) {
	b := graph.New(p, graph.Config{Training: true, Seed: 1})
	task := dense.Config{}.Build(b, batch).Tasks[0]
	optim.Minimize(b, optim.Adam{}, task)
	b.Output("loss", task.Loss)
	return b.Program()
}

// run trains and returns the loss of every step.
func run(w io.Writer, o options) (losses []float64, err error) {
	set, _, err := stheno.Data(o.data)
	if err != nil {
		return nil, err
	}
	batches, err := data.NewBatches(data.Limit(set, o.samples), data.BatchOptions{
		Size: o.batch, Shuffle: true, Seed: 1, DropLast: true, // a program has a fixed batch size
	})
	if err != nil {
		return nil, err
	}
	defer batches.Close()
	step, err := program(graph.NewParams(graph.Float32, 1), o.batch)
	if err != nil {
		return nil, err
	}
	m, err := stheno.Fastest().Compile(step)
	if err != nil {
		return nil, err
	}
	defer m.Close()

	schedule := train.Cosine(1e-3, 0)
	total, sum := o.epochs*batches.PerEpoch(), 0.0
	for len(losses) < total {
		batch, err := batches.Next(context.Background())
		if errors.Is(err, io.EOF) { // the next call begins another epoch
			continue
		}
		if err != nil {
			return losses, err
		}
		rate := schedule(len(losses), total)
		if err := errors.Join(m.Feed("x", batch.Field("x")), m.Set("bce/rate", rate), m.SetClock(batch.Epoch, batch.First)); err != nil {
			return losses, err
		}
		if err := m.Start(); err != nil { // runs in the background; leave the fed batch unchanged until Wait
			return losses, err
		}
		if err := m.Wait(); err != nil {
			return losses, err
		}
		loss, err := m.Number("loss")
		if err != nil {
			return losses, err
		}
		losses, sum = append(losses, loss), sum+loss
		if len(losses)%batches.PerEpoch() == 0 {
			fmt.Fprintf(w, "epoch %d: loss %.4f, rate %.5f\n", batch.Epoch+1, sum/float64(batches.PerEpoch()), rate)
			sum = 0
		}
	}
	return losses, nil
}
