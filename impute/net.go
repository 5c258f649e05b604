package impute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Options are the settings of training a net.
type Options struct {
	// Backend runs the net, such as cpu.Config{}. It has no default.
	Backend vm.Backend
	// Seed determines the initial weights, the order of rows, random numbers and which
	// tenth of the rows chooses the epoch.
	Seed uint64
	// Epochs is the most that are trained; 0 means as many as take about 20,000 steps,
	// from 30 to 1000. Training ends when the rows that are held out have not improved for
	// a tenth of them.
	Epochs int
	// Batch is the number of rows in a step; 0 means 64.
	Batch int
	// Rate is the learning rate of Adam; 0 means 1e-3.
	Rate float64
	// Checkpoints, if not nil, are written in training, which goes on from them.
	Checkpoints *train.Checkpoints
	// Progress shows the progress of training; nil shows none.
	Progress io.Writer
}

func (o Options) check() error {
	if o.Backend == nil {
		return errors.New("impute: no backend: set Options.Backend, such as to cpu.Config{}")
	}
	if o.Epochs < 0 || o.Batch < 0 || o.Rate < 0 {
		return fmt.Errorf("impute: %d epochs, batches of %d, a rate of %g: none can be negative", o.Epochs, o.Batch, o.Rate)
	}
	return nil
}

// fewest is the number of rows below which none are held out to choose the epoch.
const fewest = 20

// net is a model of rows with the inputs "x", 0 where a value is missing, and "mask".
type net struct {
	model   train.Model
	metric  string // what chooses the epoch
	options Options
}

// fit trains the net on standardised rows.
func (n net) fit(ctx context.Context, rows data.Set) (*graph.Params, error) {
	if err := n.options.check(); err != nil {
		return nil, err
	}
	batch := min(cmp.Or(n.options.Batch, 64), rows.Len())
	epochs := cmp.Or(n.options.Epochs, min(1000, max(30, 20_000*batch/rows.Len())))
	o := train.Options{
		Backend: n.options.Backend, Seed: n.options.Seed, Epochs: epochs, Batch: batch,
		Optimizer: optim.Adam{Rate: new(cmp.Or(n.options.Rate, 1e-3))}, Progress: n.options.Progress, Name: "impute",
		Checkpoints: n.options.Checkpoints, Params: graph.NewParams(graph.Float32, n.options.Seed),
	}
	if rows.Len() >= fewest {
		training, held, err := data.Split(rows, data.SplitOptions{Fraction: 0.1, Seed: n.options.Seed})
		if err != nil {
			return nil, err
		}
		rows, o.Validation = training, held
		o.Callbacks = []train.Callback{&train.EarlyStopping{Metric: n.metric, Patience: max(1, epochs/10)}}
	}
	result, err := train.Fit(ctx, n.model, rows, o)
	if err != nil {
		return nil, fmt.Errorf("impute: %w", err)
	}
	return result.Params, nil
}

// compute returns outputs of the net for rows, each [N, ...].
func (n net) compute(p *graph.Params, rows data.Set, seed uint64, names ...string) ([]vm.Array, error) {
	o := train.Options{Backend: n.options.Backend, Params: p, Seed: seed, EvalBatch: min(100, rows.Len())}
	return train.Compute(n.model, rows, o, names...)
}

// rowsOf are the standardised rows of a table as samples of a net. Categories stay 0 and 1.
func (s scale) rowsOf(t Table) (data.Set, error) {
	x := data.Array{Name: graph.InputX, Shape: []int{t.Columns}, Values: make([]float32, len(t.Values))}
	mask := data.Array{Name: graph.InputMask, Shape: []int{t.Columns}, Values: make([]float32, len(t.Values))}
	for i, v := range s.apply(t) {
		if !math.IsNaN(v) {
			x.Values[i], mask.Values[i] = float32(v), 1
		}
	}
	return data.InMemory(x, mask)
}

// numeric leaves the columns of categories as they are.
func (s scale) numeric(t Table) scale {
	for _, b := range t.Blocks {
		for j := b.From; j < b.To; j++ {
			s.mean[j], s.sd[j] = 0, 1
		}
	}
	return s
}

// wide are values in float64.
func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
