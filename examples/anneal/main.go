// Command anneal trains a variational autoencoder whose KL term has weight 4
// (Higgins et al. 2017) twice: with that weight from the first step on, and with a
// weight that rises from 0 (Bowman et al. 2016), so that the model uses the code before
// it costs much. In both, the learning rate follows a cosine. Weight and rate are scalar
// inputs of the training step that schedules set.
//
//	go run ./examples/anneal                                   # generated digits
//	go run ./examples/anneal -data mnist -samples 60000
//
// It prints the losses of every epoch. At the end it prints, for each schedule, the loss
// on the test set and the number of active elements of the code.
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
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

const beta, latent = 4, 16

type options struct {
	data            string
	samples, epochs int
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "digits", "data set: digits, mnist, fashion-mnist or a folder")
	flag.IntVar(&o.samples, "samples", 6000, "maximum number of samples to train on")
	flag.IntVar(&o.epochs, "epochs", 15, "passes over the samples")
	flag.Parse()
	if err := run(os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, o options) error {
	training, test, err := stheno.Data(o.data)
	if err != nil {
		return err
	}
	training, test = data.Limit(training, o.samples), data.Limit(test, 1000)
	for _, schedule := range []struct {
		name string
		beta train.Schedule
	}{
		{"constant", train.Constant(beta)},
		{"annealed", train.WarmUp(0.5, train.Constant(beta))},
	} {
		ae, err := stheno.Train(context.Background(), vae.Config{Latent: latent, Beta: new(float64(beta))}, training, stheno.Options{
			Epochs:     o.epochs,
			Batch:      32,
			Validation: test,
			Schedules:  map[string]train.Schedule{"beta": schedule.beta, "rate": train.Cosine(3e-3, 1e-5)},
			Progress:   w,
			Name:       schedule.name,
		})
		if err != nil {
			return err
		}
		defer ae.Close()
		active, err := active(ae, test)
		if err != nil {
			return err
		}
		history := ae.History()
		v := history[len(history)-1].Validation
		fmt.Fprintf(w, "%s beta: loss %.2f = %.2f nats + %d x %.2f nats of KL, %d of %d elements of the code active\n",
			schedule.name, v["elbo"], v["recon"], beta, v["kl"], active, latent)
	}
	return nil
}

// active counts the elements of the code whose mean has a variance above 0.01 over
// the samples (Burda et al. 2016, section 5.2).
func active(ae *stheno.Autoencoder, set data.Set) (n int, err error) {
	x, err := data.ArrayOf(set, "x")
	if err != nil {
		return 0, err
	}
	code, err := ae.Encode(x.Values)
	if err != nil {
		return 0, err
	}
	for k := range latent {
		var sum, squares float64
		for i := k; i < len(code); i += latent {
			sum += float64(code[i])
			squares += float64(code[i]) * float64(code[i])
		}
		mean := sum / float64(x.Len())
		if squares/float64(x.Len())-mean*mean > 0.01 {
			n++
		}
	}
	return n, nil
}
