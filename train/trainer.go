package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// Options are the settings of training. Only Compile has no default.
type Options struct {
	// Compile makes the machine, such as tape.Compile.
	Compile graph.Compiler
	// Optimizer defaults to Adam with its usual settings.
	Optimizer graph.Optimizer
	// Params are the parameters to go on from; nil starts new ones, float32, from Seed.
	Params *graph.Params
	// Epochs is the number of passes over the training set; 0 means 1.
	Epochs int
	// Batch is the number of samples in a step; 0 means 128. A last short
	// batch of an epoch is a step of its own size.
	Batch int
	// DropLast leaves a last short batch of an epoch out instead.
	DropLast bool
	// Seed is what starts, orders of samples and random numbers are drawn from.
	Seed uint64
	// Progress, where not nil, is shown how it goes: a bar on a terminal, a
	// line per epoch elsewhere.
	Progress io.Writer
	// Name stands before the progress.
	Name string
	// OnEpoch, where not nil, is called after every epoch; an error ends the run.
	OnEpoch func(Epoch) error
}

// Epoch is what one pass over the training set came to.
type Epoch struct {
	Epoch   int                // counted from 1
	Steps   int                // steps in the epoch
	First   float64            // loss of the epoch's first step
	Losses  []float64          // loss of every step
	Loss    float64            // mean training loss, weighted by samples, while the weights changed
	Metrics map[string]float64 // means of the model's metrics over the same
	Test    map[string]float64 // means over the test set after the epoch: the losses, the metrics, and MSE
	Took    time.Duration      // training, without the evaluation
}

// Runner runs one compiled step: a training step or an evaluation. *Step is one.
type Runner interface {
	// Run runs the step on a batch x, in row-major order, of the samples
	// first, first+1, ... of the epoch's order, and returns scalars: means
	// over the batch, the loss first. The next Run may write over the slice.
	Run(x []float32, epoch, first int) ([]float64, error)
	// Names returns the scalars' names.
	Names() []string
}

// Starter is a Runner whose next run can be started before the scalars of the
// one under way are asked for, so that the host gets a batch ready while the
// device works. *Step is one.
type Starter interface {
	Runner
	// Most returns how many runs may be under way; with one, Run is as good.
	Most() int
	// Start starts a run as Run does.
	Start(x []float32, epoch, first int) error
	// Finish returns the scalars of the run that was started first.
	Finish() ([]float64, error)
}

// Steps gives a trainer its compiled steps, by batch size. *ModelSteps does so
// for a Model; another implementation trains something that is not one.
type Steps interface {
	Train(batch int) (Runner, error)
	Eval(batch int) (Runner, error)
	Close() error
}

// Trainer trains and evaluates. Close it.
type Trainer struct {
	steps Steps
	o     Options
}

// New returns a trainer of a model, with defaults filled in.
func New(m Model, o Options) (*Trainer, error) {
	if m == nil {
		return nil, errNoModel
	}
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	return &Trainer{NewModelSteps(m, o), o}, nil
}

// NewWith returns a trainer over steps of the caller's own making. Compile,
// Optimizer and Params of the options mean nothing to it.
func NewWith(steps Steps, o Options) (*Trainer, error) {
	if steps == nil {
		return nil, errors.New("train: no steps")
	}
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	return &Trainer{steps, o}, nil
}

// complete returns the options with defaults filled in.
func (o Options) complete() (Options, error) {
	if o.Epochs < 0 || o.Batch < 0 {
		return o, fmt.Errorf("train: %d epochs of batches of %d: neither can be negative", o.Epochs, o.Batch)
	}
	if o.Epochs == 0 {
		o.Epochs = 1
	}
	if o.Batch == 0 {
		o.Batch = 128
	}
	if o.Optimizer == nil {
		o.Optimizer = optim.Adam{}
	}
	if o.Params == nil {
		o.Params = graph.NewParams(graph.Float32, o.Seed)
	}
	return o, nil
}

// Params returns the model's parameters.
func (t *Trainer) Params() *graph.Params { return t.o.Params }

// Close frees the machines.
func (t *Trainer) Close() error {
	if t.steps == nil {
		return nil
	}
	return t.steps.Close()
}

// usable is an error of a trainer that New did not make, and of a context that
// is missing.
func (t *Trainer) usable(ctx context.Context) error {
	switch {
	case t.steps == nil:
		return errors.New("train: no trainer: make it by New or NewWith")
	case ctx == nil:
		return errors.New("train: no context: give context.Background()")
	}
	return nil
}

// means adds up scalars weighted by samples.
type means struct {
	names []string
	sums  []float64
	n     int
}

func (m *means) add(s Runner, values []float64, n int) {
	if m.names == nil {
		m.names, m.sums = s.Names(), make([]float64, len(values))
	}
	for i, v := range values {
		m.sums[i] += v * float64(n)
	}
	m.n += n
}

func (m *means) byName() map[string]float64 {
	out := make(map[string]float64, len(m.names))
	for i, name := range m.names {
		out[name] = m.sums[i] / float64(m.n)
	}
	out[Loss] = m.sums[0] / float64(m.n)
	return out
}

// Evaluate returns the means over a set of the model's losses and metrics, MSE
// among them where the model reconstructs, and, as Loss, of the first task's loss.
func (t *Trainer) Evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	if err := t.usable(ctx); err != nil {
		return nil, err
	}
	if set == nil || set.Len() == 0 {
		return nil, errors.New("train: the set to evaluate is empty")
	}
	field, err := data.FieldOf(set, input)
	if err != nil {
		return nil, fmt.Errorf("train: the set to evaluate: %w", err)
	}
	shape := graph.Shape(field.Shape)
	most := min(t.o.Batch, set.Len())
	if err := append(graph.Shape{most}, shape...).Check(); err != nil {
		return nil, fmt.Errorf("train: a batch of %d samples of shape %v to evaluate: %w: make Options.Batch smaller", most, shape, err)
	}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: most})
	if err != nil {
		return nil, err
	}
	defer batches.Close()
	var m means
	for {
		batch, err := batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		s, err := t.steps.Eval(batch.N)
		if err != nil {
			return nil, err
		}
		values, err := s.Run(batch.Field(input), 0, batch.First)
		if err != nil {
			return nil, fmt.Errorf("train: evaluation, samples %d to %d: %w", batch.First, batch.First+batch.N-1, err)
		}
		m.add(s, values, batch.N)
	}
	return m.byName(), nil
}

// finite is an error that says where training went wrong unless the loss is finite.
func finite(loss float64, epoch, step int) error {
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("train: the loss is %g at epoch %d, step %d: try a smaller learning rate, look for values far out of range in the data, or compile by cpu.Config{Watch: true}.CompileGraph, which names the node that it arose in", loss, epoch+1, step+1)
	}
	return nil
}
