package main

import (
	"context"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// maxImages is the number of test images in the report.
const maxImages = 8

// train trains a new model on one backend, records the training, and draws the first
// test images with their reconstructions.
func (s *suite) train(ctx context.Context, n net, set *data.Dataset, r *report.Run, t *timed) error {
	b := backendNamed(r.Backend)
	session, err := b.open(n, s.o) // the timed session has already trained
	if err != nil {
		return err
	}
	defer session.Close()
	training, test, epochs := s.portion(n, set, r, t.session, t.median())
	result, err := session.fit(ctx, training, train.Options{
		Epochs:     epochs,
		Batch:      r.Batch,
		DropLast:   session.fixed,
		Validation: test,
		Progress:   s.log,
		Name:       n.name + " on " + r.Backend,
	}, nil)
	s.recordTraining(r, result)
	if err != nil {
		return err
	}
	return s.recordImages(ctx, r, set.Test, session)
}

// portion returns the sets to train and score on, and the number of epochs:
// everything for the requested epochs, or as much as fits the budget.
func (s *suite) portion(n net, set *data.Dataset, r *report.Run, t *session, step time.Duration) (training, test data.Set, epochs int) {
	training, test, epochs = set.Train, set.Test, s.o.epochs
	if epochs > 0 && !s.o.trainEach && len(s.o.backends) > 1 {
		s.report.Notes = append(s.report.Notes, fmt.Sprintf("%s is trained on %s, the fastest. The other backends, some of which would take hours, are only timed: -backends with -epochs trains on all of them", n.name, r.Backend))
	}
	if epochs == 0 {
		budget := s.o.budget / time.Duration(len(s.o.models))
		steps := max(10, int(budget/max(step, time.Microsecond)))
		whole := (training.Len() + r.Batch - 1) / r.Batch
		epochs = min(max(1, steps/whole), 10)
		if steps < whole {
			training = data.Limit(training, steps*r.Batch)
		}
		test = data.Limit(test, s.o.score)
		passes := "an epoch"
		if epochs > 1 {
			passes = fmt.Sprint(epochs, " epochs")
		}
		note := fmt.Sprintf("%s on %s: %s of %d samples, scored on %d, to fit the time limit; -epochs trains on all samples",
			n.name, r.Backend, passes, training.Len(), test.Len())
		s.report.Notes = append(s.report.Notes, note)
		fmt.Fprintln(s.log, note)
	}
	if t.fixed { // only one batch size
		test = data.Limit(test, max(1, test.Len()/r.Batch)*r.Batch)
	}
	return training, test, epochs
}

// recordTraining records the losses of completed epochs in the run and the curves.
func (s *suite) recordTraining(r *report.Run, result *train.Result) {
	if len(result.Epochs) == 0 {
		return
	}
	c := report.Curve{Model: r.Model, Backend: r.Backend, Batch: r.Batch, Unit: "epoch"}
	for _, e := range result.Epochs {
		for i, loss := range e.Losses {
			c.Train = append(c.Train, report.Point{X: float64(e.Epoch-1) + float64(i+1)/float64(e.Steps), Loss: loss})
		}
		if loss, ok := e.Validation[train.Loss]; ok {
			c.Test = append(c.Test, report.Point{X: float64(e.Epoch), Loss: loss})
		}
	}
	s.report.Curves = append(s.report.Curves, c)
	last := result.Epochs[len(result.Epochs)-1]
	r.Epochs = report.Known(len(result.Epochs))
	r.LossFirst = report.Known(result.Epochs[0].First)
	r.LossLast = report.Known(last.Losses[len(last.Losses)-1])
	r.TestLoss = report.Known(last.Validation[train.Loss])
	r.TestMSE = report.Known(last.Validation[train.MSE])
}

// recordImages reconstructs the first test images.
func (s *suite) recordImages(ctx context.Context, r *report.Run, test data.Set, session *session) error {
	field, err := data.FieldOf(test, "x")
	if err != nil {
		return err
	}
	shape, size := graph.Shape(field.Shape), field.Size()
	batches, err := data.NewBatches(test, data.BatchOptions{Size: r.Batch, Prefetch: -1})
	if err != nil {
		return err
	}
	defer batches.Close()
	batch, err := batches.Next(ctx)
	if err != nil {
		return err
	}
	x := make([]float32, r.Batch*size)
	copy(x, batch.Field("x"))
	recon, err := session.recon(x)
	if err != nil {
		return err
	}
	g := report.ImageGrid{Model: r.Model, Backend: r.Backend, Batch: r.Batch, H: shape[1], W: shape[2]}
	for i := range min(maxImages, r.Batch, test.Len()) {
		y := make([]float32, size)
		for k := range y {
			y[k] = float32(recon[i*size+k])
		}
		g.Originals = append(g.Originals, grey(x[i*size:(i+1)*size], shape))
		g.Reconstructions = append(g.Reconstructions, grey(y, shape))
	}
	s.report.Images = append(s.report.Images, g)
	return nil
}

// grey is the mean of an image's channels.
func grey(x []float32, shape graph.Shape) []float32 {
	pixels := shape[1] * shape[2]
	y := make([]float32, pixels)
	for i, v := range x {
		y[i%pixels] += v / float32(shape[0])
	}
	return y
}
