package impute

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Denoising is a denoising autoencoder (Vincent et al. 2008; Gondara and Wang 2018): a net
// that reads a row with further values hidden, and learns to say what was hidden. Missing
// values are never compared with anything.
type Denoising struct {
	Options
	// Hidden are the sizes of the net's layers; nil means three of 4 times the number of
	// columns, at least 128.
	Hidden []int
	// Hide is the share of the known values that is hidden in training; 0 means 0.2.
	Hide float64
}

// Fit trains the net.
func (d Denoising) Fit(ctx context.Context, t Table) (Imputer, error) {
	if err := t.fittable(); err != nil {
		return nil, err
	}
	m := denoiser{Columns: t.Columns, Hidden: d.Hidden, Hide: d.Hide}
	if m.Hide == 0 {
		m.Hide = 0.2
	}
	if m.Hidden == nil {
		width := max(128, 4*t.Columns)
		m.Hidden = []int{width, width, width}
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	s := scaleOf(t).numeric(t)
	rows, err := s.rowsOf(t)
	if err != nil {
		return nil, err
	}
	n := net{m, hiddenError, d.Options}
	p, err := n.fit(ctx, rows)
	if err != nil {
		return nil, err
	}
	f := denoised{fitted{n, p, s, t.Columns}, nil}
	f.noise, err = f.errorsOf(rows)
	return f, err
}

// denoised is a trained denoising autoencoder, with the root mean square error of the
// hidden values of each standardised column.
type denoised struct {
	fitted
	noise []float64
}

// errorsOf measures the error of each column on rows of which values are hidden.
func (f denoised) errorsOf(rows data.Set) ([]float64, error) {
	out, err := f.net.compute(f.params, rows, f.net.options.Seed+1, "guess", "hidden")
	if err != nil {
		return nil, err
	}
	x, err := data.ArrayOf(rows, graph.InputX)
	if err != nil {
		return nil, err
	}
	sum, n := make([]float64, f.columns), make([]float64, f.columns)
	for i, hidden := range out[1].Data {
		if hidden == 1 {
			d := float64(out[0].Data[i] - x.Values[i])
			sum[i%f.columns] += d * d
			n[i%f.columns]++
		}
	}
	for j := range sum {
		sum[j] = math.Sqrt(sum[j] / max(1, n[j]))
	}
	return sum, nil
}

func (f denoised) Impute(_ context.Context, t Table) (Table, error) {
	return f.fill(t, f.net.options.Seed, graph.OutputRecon, greatest)
}

// Draw adds noise of the size of the net's error to its guesses, and draws categories by
// their shares.
func (f denoised) Draw(ctx context.Context, t Table, seed uint64) (Table, error) {
	out, err := f.fill(t, seed, graph.OutputRecon, byShares(seed))
	if err != nil {
		return Table{}, err
	}
	number := make([]bool, t.Columns)
	for j := range number {
		number[j] = true
	}
	for _, b := range t.Blocks {
		clear(number[b.From:b.To])
	}
	for i := range t.Rows() {
		r := random(seed, i)
		row := out.Row(i)
		for j, v := range t.Row(i) {
			if e := r.NormFloat64(); math.IsNaN(v) && number[j] {
				row[j] += e * f.noise[j] * f.scale.sd[j]
			}
		}
	}
	return out, nil
}

// hiddenError is the metric of the denoiser: the mean square error of hidden values.
const hiddenError = "hidden"

// denoiser is the net of Denoising.
type denoiser struct {
	Columns int
	Hidden  []int
	Hide    float64
}

// Validate returns an error that names the first field out of range.
func (d denoiser) Validate() error {
	if !(d.Hide > 0 && d.Hide < 1) {
		return fmt.Errorf("impute: Hide is %g: want a share between 0 and 1", d.Hide)
	}
	for _, n := range d.Hidden {
		if n < 1 {
			return fmt.Errorf("impute: Hidden has a layer of %d units, want at least 1", n)
		}
	}
	return nil
}

// Build adds the net to the graph. The inputs are "x" [batch, Columns], 0 where a value is
// missing, and "mask", 1 where it is known. The loss is the mean square error of hidden
// values and, with a tenth of the weight, of the others that are known. The outputs are
// "recon" [batch, Columns] and, in evaluation, "guess" of a row with hidden values and
// "hidden", 1 where one was hidden.
func (d denoiser) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, d.Columns)
	mask := b.Input(graph.InputMask, batch, d.Columns)
	keep := b.Map(lower.Where(lower.Arg(0).Less(lower.Num(d.Hide)), lower.Num(0), lower.Num(1)), b.Scope("hide").Uniform("u", batch, d.Columns))
	seen := b.Mul(mask, keep)
	hidden := b.Sub(mask, seen)
	guess := d.apply(b, x, seen)
	square := b.Square(b.Sub(guess, x))
	const intact = 0.1 // the weight of values that the net has seen
	e := b.MaskedMean(square, hidden)
	task := graph.Task{Name: "error", Loss: b.Add(e, b.Scale(b.MaskedMean(square, seen), intact)), Metrics: []graph.Metric{{Name: hiddenError, Node: e}}}
	net := graph.Net{Tasks: []graph.Task{task}, Outputs: map[string]*graph.Node{graph.OutputRecon: guess}}
	if !b.Training {
		net.Outputs[graph.OutputRecon] = d.apply(b, x, mask)
		net.Outputs["guess"], net.Outputs["hidden"] = guess, hidden
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}

// apply reads the values of x that are seen.
func (d denoiser) apply(b *graph.Builder, x, seen *graph.Node) *graph.Node {
	h := b.Concat(1, b.Mul(x, seen), seen)
	for i, units := range d.Hidden {
		h = graph.Dense{Units: units, Activation: "relu"}.Apply(b.Scope(fmt.Sprintf("fc%d", i+1)), h)
	}
	return graph.Dense{Units: d.Columns}.Apply(b.Scope("out"), h)
}

// String describes the net by its sizes.
func (d denoiser) String() string {
	return fmt.Sprintf("%d-%s-%d denoising", 2*d.Columns, strings.Trim(strings.ReplaceAll(fmt.Sprint(d.Hidden), " ", "-"), "[]"), d.Columns)
}

// Summary is String, or the error of Validate.
func (d denoiser) Summary() (string, error) { return d.String(), d.Validate() }
