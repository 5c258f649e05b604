package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
)

// The defaults of -compare.
const (
	comparedModels  = "conv,lstm"
	comparedBatches = "128,1024,8192"
	quickBatches    = "128"
	emulatedBatches = "16" // an emulator takes a second per step
)

// impliesComparison reports whether the flags imply -compare: one backend is a GPU,
// and no flag selects something else.
func (o options) impliesComparison(given map[string]bool) bool {
	for _, other := range []string{"models", "batch", "steps", "epochs", "check", "profile", "merge", "kernels"} {
		if given[other] {
			return false
		}
	}
	return given["backends"] && slices.ContainsFunc(o.backends, onGPU)
}

func (o options) batchesToCompare(quick bool) string {
	switch {
	case slices.Contains(o.backends, onEmu):
		return emulatedBatches
	case quick:
		return quickBatches
	}
	return comparedBatches
}

// stepsOf is the number of timed steps of a net.
func (o options) stepsOf(n net) int {
	switch {
	case o.steps > 0:
		return o.steps
	case slices.Contains(o.backends, onEmu):
		return 5
	case n.batch < 1000:
		return 200
	}
	return 50
}

// compareLosses records, for each run on a GPU, how far its losses are from those of
// the Reference, which had the same batches and seed.
func compareLosses(runs []*report.Run, ts []*timed) {
	reference := slices.IndexFunc(runs, func(r *report.Run) bool { return r.Backend == report.Reference })
	if reference < 0 {
		return
	}
	for i, r := range runs {
		if r.GPU {
			difference, steps := lossDifference(ts[i].losses, ts[reference].losses)
			r.LossDifference, r.LossSteps = report.Known(difference), report.Known(steps)
		}
	}
}

// lossDifference is the largest relative difference of the losses, over the steps
// that both have. It is NaN if only one of two losses is a number.
func lossDifference(got, want []float64) (difference float64, steps int) {
	steps = min(len(got), len(want))
	for i, w := range want[:steps] {
		if g := got[i]; g != w && !(math.IsNaN(g) && math.IsNaN(w)) {
			difference = math.Max(difference, math.Abs(g-w)/math.Abs(w)) // NaN if either is
		}
	}
	return difference, steps
}

// stepCurves draws and records the losses of the steps that all backends ran.
func (s *suite) stepCurves(runs []*report.Run, ts []*timed) {
	steps := math.MaxInt
	for _, t := range ts {
		steps = min(steps, len(t.losses))
	}
	for i, r := range runs {
		c := report.Curve{Model: r.Model, Backend: r.Backend, Batch: r.Batch, Unit: "step"}
		for k, loss := range ts[i].losses[:steps] {
			c.Train = append(c.Train, report.Point{X: float64(k + 1), Loss: loss})
			r.StepLosses = append(r.StepLosses, report.Known(loss))
		}
		if difference, known := r.LossDifference.Get(); known {
			steps, _ := r.LossSteps.Get()
			how := fmt.Sprintf("within %.1e of", difference)
			if difference == 0 {
				how = "equal to"
			}
			c.Remark = fmt.Sprintf("From the same seed and batches, each loss on %s is %s that on %s, over %d steps.", r.Backend, how, report.Reference, steps)
		}
		s.report.Curves = append(s.report.Curves, c)
	}
}

// toTarget trains a new model on a backend until its reconstructions of the test
// images reach the target, and records the time of the steps. With an emulator among
// the backends it does nothing, as there is no time to compare with.
func (s *suite) toTarget(ctx context.Context, n net, set *data.Dataset, r *report.Run) error {
	if n.target.mse == 0 || slices.Contains(s.o.backends, onEmu) {
		return nil
	}
	session, err := backendNamed(r.Backend).open(n, s.o)
	if err != nil {
		return err
	}
	defer session.Close()
	var took time.Duration
	reached := 0
	result, err := session.fit(ctx, set.Train, train.Options{
		Epochs: n.target.epochs, Batch: n.batch, DropLast: true, Validation: set.Test, Progress: s.log,
		Name: fmt.Sprintf("%s on %s, batch %d, to a test MSE of %g", n.name, r.Backend, n.batch, n.target.mse),
	}, func(e train.Epoch) error {
		took += e.Took
		if e.Validation[train.MSE] <= n.target.mse {
			reached = e.Epoch
		}
		if reached > 0 || took > targetTimeLimit {
			return errTargetReached
		}
		return nil
	})
	s.recordTraining(r, result)
	if err != nil && !errors.Is(err, errTargetReached) {
		return err
	}
	r.TargetMSE = report.Known(n.target.mse)
	if reached > 0 {
		r.TargetEpochs, r.TargetSeconds = report.Known(reached), report.Known(took.Seconds())
		return nil
	}
	mse, _ := r.TestMSE.Get()
	s.report.Notes = append(s.report.Notes, fmt.Sprintf("%s on %s at batch %d: after %d epochs, %.0f s of training steps, the test MSE is %.4f, above the target of %g",
		n.name, r.Backend, n.batch, len(result.Epochs), took.Seconds(), mse, n.target.mse))
	return nil
}

// targetTimeLimit is the time limit of the steps to a target.
const targetTimeLimit = 3 * time.Minute

// errTargetReached ends a training that has reached its target.
var errTargetReached = errors.New("target reached, or out of time")
