package presets

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/picture"
	"github.com/stheno-ml/stheno/vm"
)

// LogFile is the name of the table of a training's epochs, in the folder of its
// checkpoints; see train.CSVLog.
const LogFile = "log.csv"

// Run is one training and scoring of a preset.
type Run struct {
	// Seed determines initial weights, the order of samples and random numbers.
	Seed uint64
	// Untrained says that Fit only initialises the weights.
	Untrained bool
	// Trial limits sets to Samples samples, and trainings to Steps steps, if they are
	// above 0. Sets that are not at hand are generated.
	Trial Trial
	// Backend runs the nets.
	Backend vm.Backend
	// Dir is the folder of the run. It has the checkpoints of each stage and the
	// pictures.
	Dir string
	// Data is the folder of the data sets; "" means $STHENO_DATA.
	Data string
	// Progress shows the progress of training; nil shows none.
	Progress io.Writer
	// Name is written in front of the progress.
	Name string

	epochs   int
	nets     []Net
	pictures []Picture
	notes    []string
}

// Trial limits a run, to try it.
type Trial struct{ Samples, Steps int }

// Net is a net that a run has trained.
type Net struct {
	// Stage is the name of the training within the run.
	Stage string
	Model train.Model
	// Params are the parameters after that training, Scalers what its samples pass
	// through.
	Params  *graph.Params
	Scalers map[string]*data.Scaler
	// Options are those of the training, without what the run sets.
	Options train.Options
	// Samples are those that it is trained on.
	Samples data.Set
}

// Picture is a drawing of a run.
type Picture struct{ Title, Path string }

// Missing is the error of a run whose data is not at hand.
type Missing struct{ What string }

func (m *Missing) Error() string {
	return m.What + " is not at hand: name the folder that has it with -data or $STHENO_DATA"
}

// Open opens a data set of images by name, such as "mnist", with the fields "x"
// [1,28,28] in [0,1] and "label". The last tenth of the training images, such as the last
// 10,000 of 60,000, are a validation set where a preset chooses by one: see Split.
func (r *Run) Open(ctx context.Context, name string) (training, test data.Set, err error) {
	set, err := data.Open(ctx, name, data.Options{Dir: r.Data, Log: io.Discard, Offline: r.Trial.Samples > 0, Train: r.Trial.Samples, Test: r.Trial.Samples})
	if err != nil {
		return nil, nil, err
	}
	if set.Name != name && r.Trial.Samples == 0 {
		return nil, nil, &Missing{"the data set " + name}
	}
	return r.Limit(set.Train), r.Limit(set.Test), nil
}

// Limit limits a set to the samples of a trial.
func (r *Run) Limit(set data.Set) data.Set {
	if r.Trial.Samples > 0 {
		return data.Limit(set, r.Trial.Samples)
	}
	return set
}

// File returns the path of a file in the folder of the data sets, given its elements
// there.
func (r *Run) File(elements ...string) (string, error) {
	dir := r.Data
	if dir == "" {
		dir = os.Getenv("STHENO_DATA")
	}
	path := filepath.Join(append([]string{dir}, elements...)...)
	if _, err := os.Stat(path); dir == "" || errors.Is(err, os.ErrNotExist) {
		return "", &Missing{"the file " + filepath.Join(elements...)}
	} else if err != nil {
		return "", err
	}
	return path, nil
}

// Size returns full, or trial if the run is only to be tried or its net is untrained: a
// number of draws, say.
func (r *Run) Size(full, trial int) int {
	if r.Untrained || r.Trial.Steps > 0 {
		return trial
	}
	return full
}

// Fit trains a model and returns its parameters. Stage is the name of the training
// within the run: its checkpoints are in the folder of that name, and if it was
// interrupted it goes on from these. The options need no Backend, Seed, Checkpoints and
// Progress.
func (r *Run) Fit(ctx context.Context, stage string, m train.Model, set data.Set, o train.Options) (*graph.Params, error) {
	net := Net{Stage: stage, Model: m, Options: o, Samples: set}
	o.Backend, o.Seed, o.Progress, o.Name = r.Backend, r.Seed, r.Progress, r.Name+" "+stage
	if o.Params == nil {
		o.Params = graph.NewParams(graph.Float32, r.Seed)
	}
	net.Params, net.Scalers = o.Params, o.Scalers
	if r.Untrained {
		r.nets = append(r.nets, net)
		s, err := train.NewEvalStep(m, 1, o)
		if err != nil {
			return nil, err
		}
		return o.Params, s.Close()
	}
	if r.Trial.Steps > 0 {
		o.Epochs, o.Steps = 0, r.Trial.Steps
	}
	folder := filepath.Join(r.Dir, stage)
	o.Checkpoints = &train.Checkpoints{Dir: folder, EveryEpochs: -1, Resume: true}
	o.Callbacks = append(slices.Clone(o.Callbacks), &train.CSVLog{Path: filepath.Join(folder, LogFile)})
	result, err := train.Fit(ctx, m, set, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stage, err)
	}
	r.epochs += len(result.Epochs)
	net.Scalers = result.Scalers
	r.nets = append(r.nets, net)
	for _, w := range result.Warnings {
		r.Note("%s: %s", stage, w)
	}
	return result.Params, nil
}

// Evaluate returns the means of a model's losses and metrics over a set.
func (r *Run) Evaluate(ctx context.Context, m train.Model, p *graph.Params, set data.Set) (map[string]float64, error) {
	return train.Evaluate(ctx, m, set, train.Options{Backend: r.Backend, Params: p, Seed: r.Seed, EvalBatch: min(500, set.Len())})
}

// Compute returns outputs of a model's net for all samples of a set, each [N, ...].
func (r *Run) Compute(m train.Model, p *graph.Params, set data.Set, names ...string) ([]vm.Array, error) {
	return train.Compute(m, set, train.Options{Backend: r.Backend, Params: p, Seed: r.Seed, EvalBatch: min(500, set.Len())}, names...)
}

// Grid draws rows of samples of a shape below each other; see picture.Grid.
func (r *Run) Grid(title string, shape []int, rows ...[]float32) error {
	img, err := picture.Grid(shape, rows...)
	if err != nil {
		return err
	}
	return r.Picture(title, img)
}

// Plane draws two-dimensional codes [N,2], in a colour for each label; see
// picture.Plane.
func (r *Run) Plane(title string, codes, labels []float32) error {
	img, err := picture.Plane(codes, labels)
	if err != nil {
		return err
	}
	return r.Picture(title, img)
}

// Picture writes a picture to the folder of the run. An untrained net has none.
func (r *Run) Picture(title string, img image.Image) error {
	if r.Untrained {
		return nil
	}
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(r.Dir, title+".png")
	r.pictures = append(r.pictures, Picture{title, path})
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, img) })
}

// Note adds a line to the result.
func (r *Run) Note(format string, args ...any) {
	if !r.Untrained {
		r.notes = append(r.notes, fmt.Sprintf(format, args...))
	}
}

// Reconstructions draws the first samples of a set, and below them their
// reconstructions.
func (r *Run) Reconstructions(title string, m train.Model, p *graph.Params, set data.Set) error {
	if r.Untrained {
		return nil
	}
	set = data.Limit(set, 12)
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return err
	}
	recon, err := r.Compute(m, p, set, graph.OutputRecon)
	if err != nil {
		return err
	}
	return r.Grid(title, x.Shape, x.Values, recon[0].Data)
}
