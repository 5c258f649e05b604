package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/baseline"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
)

// baselineFit trains Gorgonia's own graph, which has a fixed batch size, on the same
// batches in the same order as train.Fit.
type baselineFit struct {
	net   *baseline.Net
	batch int
	seed  uint64
}

func (f baselineFit) fit(ctx context.Context, set data.Set, o train.Options, onEpoch func(train.Epoch) error) (*train.Result, error) {
	r := &train.Result{}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: f.batch, Seed: f.seed, Shuffle: true, DropLast: true})
	if err != nil {
		return r, err
	}
	defer batches.Close()
	for range max(o.Epochs, 1) {
		e, err := f.epoch(ctx, batches)
		if err == nil && o.Validation != nil {
			e.Validation, err = f.evaluate(ctx, o.Validation)
		}
		if err != nil {
			return r, err
		}
		r.Epochs = append(r.Epochs, e)
		if o.Progress != nil {
			fmt.Fprintf(o.Progress, "%s epoch %d/%d  %.1fs  loss %.5f\n", o.Name, e.Epoch, o.Epochs, e.Took.Seconds(), e.Loss)
		}
		if onEpoch != nil {
			if err := onEpoch(e); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// epoch runs a step on each batch of an epoch.
func (f baselineFit) epoch(ctx context.Context, batches *data.Batches) (train.Epoch, error) {
	e := train.Epoch{Epoch: batches.Position().Epoch + 1}
	start := time.Now()
	sum := 0.0
	err := eachBatch(ctx, batches, func(x []float32) error {
		loss, err := f.net.Step(x)
		if err == nil && (math.IsNaN(loss) || math.IsInf(loss, 0)) {
			err = fmt.Errorf("the loss is %g in step %d of epoch %d", loss, e.Steps+1, e.Epoch)
		}
		e.Losses, e.Steps, sum = append(e.Losses, loss), e.Steps+1, sum+loss
		return err
	})
	if err != nil {
		return e, err
	}
	e.Took, e.First, e.Loss = time.Since(start), e.Losses[0], sum/float64(e.Steps)
	return e, nil
}

// evaluate returns the means over the full batches of a set.
func (f baselineFit) evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	batches, err := data.NewBatches(set, data.BatchOptions{Size: f.batch, DropLast: true})
	if err != nil {
		return nil, err
	}
	defer batches.Close()
	loss, mse, n := 0.0, 0.0, 0.0
	err = eachBatch(ctx, batches, func(x []float32) error {
		l, recon, err := f.net.Eval(x)
		sum := 0.0
		for i, v := range recon {
			d := float64(v) - float64(x[i])
			sum += d * d
		}
		loss, mse, n = loss+l, mse+sum/float64(len(x)), n+1
		return err
	})
	return map[string]float64{train.Loss: loss / n, train.MSE: mse / n}, err
}

// eachBatch calls f for the images of each batch of an epoch.
func eachBatch(ctx context.Context, batches *data.Batches, f func(x []float32) error) error {
	for {
		b, err := batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(b.Field("x")); err != nil {
			return err
		}
	}
}

// toFloat64 converts numbers to float64.
func toFloat64(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
