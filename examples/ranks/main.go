// Command ranks trains one variational autoencoder on several processes, each with a part
// of every batch. With -exact, the files that it leaves have the same bytes for any number
// of them, killed and started again or not.
//
//	go run ./examples/ranks                                        one process
//	eval "$(scripts/mpi-env)" && go build -tags mpi ./examples/ranks
//	mpirun -n 2 ./ranks -threads 1 -o out/ranks                    two
//	mpirun -n 4 ./ranks -exact 8 -o out/ranks                      four, and the bits of one
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

func main() {
	o := train.Options{Batch: 128, Seed: 1, Progress: os.Stderr}
	checkpoints := train.Checkpoints{Resume: true}
	var on cpu.Config
	samples := flag.Int("samples", 6000, "drawn digits to train on")
	flag.IntVar(&o.Epochs, "epochs", 5, "passes over them")
	flag.IntVar(&o.Exact, "exact", 0, "pieces of a batch whose gradients are added in order; 0: one for each process")
	flag.IntVar(&on.Threads, "threads", 0, "threads of a process; 0: all processors")
	flag.StringVar(&checkpoints.Dir, "o", "", "folder of checkpoints, to go on from; empty for none")
	flag.IntVar(&checkpoints.EverySteps, "every", 0, "steps between two checkpoints; 0: one for each epoch")
	flag.Parse()
	if checkpoints.Dir != "" {
		o.Checkpoints = &checkpoints
	}
	o.Backend = on
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *samples, o); err != nil {
		fmt.Fprintln(os.Stderr, "ranks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, samples int, o train.Options) (err error) {
	if o.Group, err = collective.Join(collective.Options{}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Group.Close()) }()
	all := data.NewDigits(1, samples+1000)
	set, err := data.Subset(all, 0, samples)
	if err != nil {
		return err
	}
	if o.Validation, err = data.Subset(all, samples, samples+1000); err != nil {
		return err
	}
	result, err := train.Fit(ctx, vae.Config{Hidden: []int{200}, Latent: 10}, set, o)
	if err != nil {
		return err
	}
	if o.Group.Rank() == 0 && len(result.Epochs) > 0 {
		last := result.Epochs[len(result.Epochs)-1]
		fmt.Printf("%d ranks, %d steps: loss %.9g, validation %.9g\n", o.Group.Size(), result.Steps, last.Loss, last.Validation[train.Loss])
	}
	return nil
}
