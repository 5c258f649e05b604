// What detectors by nets have in common: training on a table, and the error of each value.

package detect

import (
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Training is how a net is trained. The zero value is each detector's default.
type Training struct {
	// Epochs is the number of passes over the rows; 0 means as many as give about Steps.
	Epochs int
	// Steps is the number of steps that Epochs follows from; 0 means the detector's own.
	Steps int
	// Batch is the number of rows in a step; 0 means 128, or what gives at least eight
	// steps in an epoch.
	Batch int
	// Rate is the learning rate of Adam; 0 means the detector's own.
	Rate float64
	// WeightDecay pulls weights towards 0; 0 means the detector's own.
	WeightDecay float64
}

// check returns an error for a setting out of range.
func (t Training) check(what string) error {
	if t.Epochs < 0 || t.Steps < 0 || t.Batch < 0 || !(t.Rate >= 0) || !(t.WeightDecay >= 0) {
		return fmt.Errorf("detect: %s: %d epochs, %d steps, batches of %d, rate %g, weight decay %g: none can be negative", what, t.Epochs, t.Steps, t.Batch, t.Rate, t.WeightDecay)
	}
	return nil
}

// maxInput is the largest distance from the mean, in deviations, that a net reads and
// learns to reconstruct. Else a net learns the extreme rows first, since their errors are
// the greatest, and these are the anomalies. The error of a value is still that from the
// value itself.
const maxInput = 2

// net is a net that was fitted to a table.
type net struct {
	*scale
	f *vm.Function
}

// fit trains a model on rows.
func fitNet(ctx context.Context, m train.Model, s *scale, r *rows, tr Training, o Options) (*net, error) {
	set, err := data.InMemory(data.Array{Name: graph.InputX, Shape: []int{r.width}, Values: inputs(r)})
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	settings := train.Options{Backend: o.backend(), Seed: o.Seed, Batch: tr.Batch, Epochs: tr.Epochs}
	if settings.Batch == 0 {
		settings.Batch = min(128, max(8, r.n/8))
	}
	settings.Batch = min(settings.Batch, r.n)
	settings.DropLast = true // a batch of one row has no variance for batch norm
	perEpoch := max(1, r.n/settings.Batch)
	if settings.Epochs == 0 {
		settings.Epochs = max(1, (tr.Steps+perEpoch-1)/perEpoch)
	}
	settings.Optimizer = optim.AdamW{Adam: optim.Adam{Rate: &tr.Rate}, WeightDecay: &tr.WeightDecay}
	settings.Schedules = map[string]train.Schedule{"rate": train.Cosine(tr.Rate, tr.Rate/100)}
	result, err := train.Fit(ctx, m, set, settings)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	settings.Params = result.Params
	f, err := train.NewFunction(m, settings, vm.FunctionOptions{Batch: 1024})
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	return &net{scale: s, f: f}, nil
}

// inputs are rows as a net reads them. A number is at most maxInput from 0.
func inputs(r *rows) []float32 {
	x := make([]float32, len(r.x))
	for i, v := range r.x {
		x[i] = float32(min(maxInput, max(-maxInput, v)))
	}
	return x
}

// run returns the reconstructions and the codes of rows.
func (n *net) run(r *rows) (recon, code []float32, err error) {
	out := []vm.Array{{Name: graph.OutputRecon}, {Name: graph.OutputCode}}
	err = n.f.Call([]vm.Array{{Name: graph.InputX, Shape: []int{r.n, r.width}, Data: inputs(r)}}, out)
	if err != nil {
		return nil, nil, fmt.Errorf("detect: %w", err)
	}
	return out[0].Data, out[1].Data, nil
}

// expected is a value's reconstruction. A value that did not vary is expected to be the
// same again.
func (n *net) expected(j int, y float32) float64 {
	if !n.varies[j] {
		return n.constant[j]
	}
	return float64(y)
}

// Close frees the compiled net.
func (n *net) Close() error { return n.f.Close() }

// scoreBy returns for each row the mean over columns with known values of what value
// gives for the value and its reconstruction, and of what code gives for the row's code.
func (n *net) scoreBy(t *Table, value func(j int, x, y float64) float64, code func(z []float32) float64) ([]float64, error) {
	r, err := n.apply(t)
	if err != nil {
		return nil, err
	}
	y, z, err := n.run(r)
	if err != nil {
		return nil, err
	}
	size := len(z) / r.n
	scores := make([]float64, r.n)
	for i := range scores {
		sum, known := code(z[i*size:(i+1)*size]), 0
		for j := range r.width {
			at := i*r.width + j
			if r.missing != nil && r.missing[at] {
				continue
			}
			known++
			sum += value(j, r.x[at], n.expected(j, y[at]))
		}
		if scores[i] = sum / float64(max(1, known)); math.IsNaN(scores[i]) {
			return nil, fmt.Errorf("detect: %s: row %d: the net's reconstruction is not finite", t.name(), i+1)
		}
	}
	return scores, nil
}

// explainBy splits a row's score among its values.
func (n *net) explainBy(t *Table, row int, value func(j int, x, y float64) float64) (parts []Part, err error) {
	var failed error
	parts, err = n.explain(t, row, func(r *rows) (amount, expected []float64) {
		amount, expected = make([]float64, r.width), make([]float64, r.width)
		y, _, err := n.run(r)
		if err != nil {
			failed = err
			return amount, expected
		}
		for j, v := range r.x {
			expected[j] = n.expected(j, y[j])
			amount[j] = value(j, v, expected[j])
		}
		return amount, expected
	})
	if failed != nil {
		return nil, failed
	}
	return parts, err
}
