// The nets that reconstruct windows, and their training.

package series

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Kind is the kind of a net.
type Kind string

// The kinds: dense layers, convolutions along time, and an LSTM.
const (
	Dense Kind = "dense"
	Conv  Kind = "conv"
	LSTM  Kind = "lstm"
)

// Scaling says how the values of a window are scaled before a net reads them.
type Scaling string

const (
	// BySeries scales by mean and deviation of the points that are learned from: levels
	// are part of what is normal.
	BySeries Scaling = "series"
	// ByWindow scales each window to the range from 0 to 1: only its shape counts.
	ByWindow Scaling = "window"
)

// Detector scores points by how badly an autoencoder reconstructs the windows they are
// in. The zero value is a dense one.
type Detector struct {
	// Kind is the kind of the net; "" means Dense.
	Kind Kind
	// Window is the number of points in a window; 0 means 100.
	Window int
	// Scaling is how windows are scaled; "" means BySeries.
	Scaling Scaling
	// Code is the size of the code; 0 means a tenth of the window, at least 2.
	Code int
	// Epochs is the number of passes over the windows; 0 means 50.
	Epochs int
	// Batch is the number of windows in a step; 0 means 128.
	Batch int
	// Rate is the learning rate of Adam; 0 means 1e-3.
	Rate float64
	// Dropout is that of the dense net's hidden layers.
	Dropout float64
}

func (d Detector) withDefaults() Detector {
	d.Kind, d.Window, d.Scaling = cmp.Or(d.Kind, Dense), cmp.Or(d.Window, 100), cmp.Or(d.Scaling, BySeries)
	d.Code, d.Epochs, d.Batch, d.Rate = cmp.Or(d.Code, max(2, d.Window/10)), cmp.Or(d.Epochs, 50), cmp.Or(d.Batch, 128), cmp.Or(d.Rate, 1e-3)
	return d
}

func (d Detector) check() error {
	switch {
	case d.Kind != Dense && d.Kind != Conv && d.Kind != LSTM:
		return fmt.Errorf("series: Kind is %q, want %q, %q or %q", d.Kind, Dense, Conv, LSTM)
	case d.Scaling != BySeries && d.Scaling != ByWindow:
		return fmt.Errorf("series: Scaling is %q, want %q or %q", d.Scaling, BySeries, ByWindow)
	case d.Window < 4:
		return fmt.Errorf("series: Window is %d, want at least 4 points", d.Window)
	case d.Code < 1 || d.Epochs < 1 || d.Batch < 1 || !(d.Rate > 0):
		return fmt.Errorf("series: Code is %d, Epochs %d, Batch %d and Rate %g: all must be above 0", d.Code, d.Epochs, d.Batch, d.Rate)
	}
	return nil
}

// net returns the model, and the shape of its samples.
func (d Detector) net() (train.Model, []int) {
	switch d.Kind {
	case Conv:
		return conv.Config{Steps: d.Window, Encoder: []int{16, 16, 8}, Code: d.Code, CodeActivation: "linear", Kernel: graph.Pair{7, 7}, Loss: graph.MSE}, []int{1, d.Window}
	case LSTM:
		return seq.Config{Steps: d.Window, Features: 1, Hidden: []int{32}, Code: d.Code, Loss: graph.MSE}, []int{d.Window, 1}
	}
	return dense.Config{Input: d.Window, Hidden: []int{128, 64, d.Code}, CodeActivation: "linear", Loss: graph.MSE, Dropout: d.Dropout, Overcomplete: true}, []int{d.Window}
}

// Model is a detector that was fitted to a series. Any number of goroutines can use it at
// the same time.
type Model struct {
	d               Detector
	shape           []int
	mean, deviation float64
	f               *vm.Function
}

// Fit trains the net on the windows of a series.
func (d Detector) Fit(ctx context.Context, s *Series, o detect.Options) (*Model, error) {
	d = d.withDefaults()
	if err := d.check(); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, fmt.Errorf("series: no context: give context.Background()")
	}
	starts, err := s.windows(d.Window)
	if err != nil {
		return nil, err
	}
	m := &Model{d: d}
	if m.mean, m.deviation = meanAndDeviation(s.values); m.deviation == 0 {
		return nil, fmt.Errorf("series: all %d values of %s are %g: there is nothing to learn", s.Len(), s.name(), m.mean)
	}
	model, shape := d.net()
	m.shape = shape
	set, err := data.InMemory(data.Array{Name: graph.InputX, Shape: shape, Values: m.inputs(s, starts)})
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	settings := train.Options{
		Backend: o.Backend, Seed: o.Seed, Epochs: d.Epochs, Batch: min(d.Batch, len(starts)), DropLast: true,
		Optimizer: optim.Adam{Rate: &d.Rate}, Schedules: map[string]train.Schedule{"rate": train.Cosine(d.Rate, d.Rate/100)},
	}
	if settings.Backend == nil {
		settings.Backend = cpu.Config{}
	}
	r, err := train.Fit(ctx, model, set, settings)
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	settings.Params = r.Params
	if m.f, err = train.NewFunction(model, settings, vm.FunctionOptions{Batch: 512}); err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	return m, nil
}

func meanAndDeviation(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(deviation)
}

// inputs are the windows as the net reads them, one after another.
func (m *Model) inputs(s *Series, starts []int) []float32 {
	x := make([]float32, 0, len(starts)*m.d.Window)
	window := make([]float64, m.d.Window)
	for _, from := range starts {
		for k := range window {
			window[k] = s.values[s.kept[from+k]]
		}
		x = m.scaled(window, x)
	}
	return x
}

// scaled appends the scaled values of a window.
func (m *Model) scaled(window []float64, to []float32) []float32 {
	centre, width := m.mean, m.deviation
	if m.d.Scaling == ByWindow {
		low, high := math.Inf(1), math.Inf(-1)
		for _, v := range window {
			low, high = min(low, v), max(high, v)
		}
		if centre, width = low, high-low; width == 0 {
			width = 1
		}
	}
	for _, v := range window {
		to = append(to, float32(min(1e4, max(-1e4, (v-centre)/width))))
	}
	return to
}

// errors returns the squared error of each point of each window [windows, Window].
func (m *Model) errors(x []float32) ([]float32, error) {
	out := []vm.Array{{Name: graph.OutputRecon}}
	n := len(x) / m.d.Window
	if err := m.f.Call([]vm.Array{{Name: graph.InputX, Shape: append([]int{n}, m.shape...), Data: x}}, out); err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	wrong := out[0].Data
	for i, y := range wrong {
		wrong[i] = (y - x[i]) * (y - x[i])
	}
	return wrong, nil
}

// Close frees the compiled net.
func (m *Model) Close() error {
	if m == nil || m.f == nil {
		return nil
	}
	return m.f.Close()
}
