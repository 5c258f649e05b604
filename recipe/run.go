package recipe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Run is a run folder with its model. It is closed after use.
type Run struct {
	Dir    string  // "" if it is only a model file
	Recipe *Recipe // the configuration, complete; without data if it is only a model file
	Info   Info
	Model  *stheno.Autoencoder

	samples *Samples
}

// OpenOptions say what runs the model. The zero value is the backend of the run.
type OpenOptions struct {
	Backend string // as the key backend; "" means that of the configuration
	Threads int    // as the key threads
	ISA     string // as the key isa
	DataDir string // as the key dataDir
}

// BackendOf is the backend that the options choose where there is no run; "" means auto.
func (o OpenOptions) BackendOf() (vm.Backend, error) { return backend(o.Backend, o.Threads, o.ISA) }

// Open opens a run folder, or a model file alone.
func Open(path string, o OpenOptions) (*Run, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		b, err := o.BackendOf()
		if err != nil {
			return nil, err
		}
		m, err := stheno.LoadWith(path, stheno.LoadOptions{Backend: b})
		if err != nil {
			return nil, err
		}
		r := &Recipe{Model: Model{m.Model()}, Seed: m.Params().Seed(), DataDir: o.DataDir, name: path}
		return &Run{Recipe: r, Model: m, Info: Info{Status: Complete, Model: train.NameOf(m.Model()), Parameters: m.Params().Count()}}, nil
	}
	info, err := ReadInfo(path)
	if err != nil {
		return nil, err
	}
	r, err := Load(filepath.Join(path, ConfigFile))
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		to   *string
		with string
	}{{&r.Backend, o.Backend}, {&r.ISA, o.ISA}, {&r.DataDir, o.DataDir}} {
		if s.with != "" {
			*s.to = s.with
		}
	}
	if o.Threads != 0 {
		r.Threads = o.Threads
	}
	b, err := r.backend()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(path, ModelFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no %s yet: its training is %s; go on with it by resume", path, ModelFile, info.Status)
	}
	m, err := stheno.LoadWith(file, stheno.LoadOptions{Backend: b})
	if err != nil {
		return nil, err
	}
	return &Run{Dir: path, Recipe: r, Info: info, Model: m}, nil
}

// Close frees the machines of the model.
func (r *Run) Close() error {
	if r == nil || r.Model == nil {
		return nil
	}
	return r.Model.Close()
}

// The parts of a run's own samples, as names for Run.Set.
const (
	TrainPart      = "train"
	ValidationPart = "validation"
	TestPart       = "test"
)

// Input are samples to use a model on.
type Input struct {
	data.Set
	Where   string   // where they are from
	Paths   []string // of the samples, if each is a file
	Classes []string // names of the classes, if they have names
	schema  *data.Schema
	// Sequence says how texts and music became numbers; nil for anything else.
	Sequence *Sequence
}

// Set opens samples to use the model on: a part of the run's own by its name, or a data
// set, file or folder, which is read as those that the model was trained on. "" means the
// test part, or the validation part if there is none.
func (r *Run) Set(ctx context.Context, from string) (*Input, error) {
	return r.set(ctx, from, false)
}

// set is Set. With strangers, samples of other classes than those that were trained on are
// read, too.
func (r *Run) set(ctx context.Context, from string, strangers bool) (*Input, error) {
	switch from {
	case "", TrainPart, ValidationPart, TestPart:
		return r.part(ctx, from)
	}
	d := r.Recipe.Data
	d.Limit = 0
	if d.Source == "" { // the recipe does not know: a preset, or a model alone
		if x, ok := r.Model.Shape("x"); ok && len(x) == 3 && (x[0] == 1 || x[0] == 3) {
			d.Size, d.Grey = x[1:], new(x[0] == 1)
		}
	}
	if info, err := os.Stat(from); err == nil {
		d.Format = r.formatOf(from, info)
	}
	schema, err := r.schema()
	if err != nil {
		return nil, err
	}
	if d.known, err = r.Sequence(); err != nil {
		return nil, err
	}
	if strangers {
		d.KeepClass = nil
		if schema != nil {
			for i := range schema.Columns {
				c := &schema.Columns[i]
				c.Other = c.Other || c.Kind == data.LabelColumn
			}
		}
	}
	s, err := d.open(ctx, from, schema, environment{r.Recipe.DataDir, r.Recipe.Seed, nil})
	if err != nil {
		return nil, fmt.Errorf("the samples: %w", err)
	}
	set := s.train
	if s.test != nil {
		set = s.test
	}
	if s.sound {
		d.Window = 0
	}
	if set, err = d.view(set); err == nil {
		if set, err = d.windows(set); err == nil {
			set, err = d.damaged(set, r.Recipe.Seed+2)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the samples: %w", err)
	}
	in := &Input{Set: set, Where: s.where, Classes: s.classes, schema: s.schema, Sequence: s.sequence}
	if set.Len() == len(s.paths) {
		in.Paths = s.paths
	}
	return in, nil
}

// formatOf is the format of other samples than the run's own: its own format if they have
// the same extension, or both are folders.
func (r *Run) formatOf(path string, info os.FileInfo) string {
	own, err := os.Stat(r.Recipe.Data.Source)
	if err == nil && own.IsDir() == info.IsDir() && extension(path) == extension(r.Recipe.Data.Source) {
		return r.Recipe.Data.Format
	}
	return ""
}

// part opens a part of the run's own samples.
func (r *Run) part(ctx context.Context, name string) (*Input, error) {
	if r.samples == nil {
		if r.Recipe.Data.Source == "" {
			return nil, errors.New("the model does not say which samples to use: name a file, a folder or a data set")
		}
		s, err := r.Recipe.Open(ctx, nil)
		if err != nil {
			return nil, err
		}
		r.samples = s
	}
	s := r.samples
	parts := map[string]data.Set{TrainPart: s.Train, ValidationPart: s.Validation, TestPart: s.Test}
	if name == "" {
		name = TestPart
		if s.Test == nil {
			name = ValidationPart
		}
	}
	if parts[name] == nil {
		return nil, fmt.Errorf("the run has no %s samples: name a file, a folder, a data set or another part", name)
	}
	return &Input{Set: parts[name], Where: name + " part of " + s.Source, Classes: s.Classes, schema: s.Schema, Sequence: s.Sequence}, nil
}

// schema reads how the run's table was read; nil if it is none.
func (r *Run) schema() (*data.Schema, error) { return readDescription[data.Schema](r.Dir, SchemaFile) }

// readDescription reads a description of samples from a file in a run's folder; nil if there is
// none.
func readDescription[T any](dir, name string) (*T, error) {
	if dir == "" {
		return nil, nil
	}
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	d := new(T)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return d, nil
}

// Evaluate returns the means of the model's losses and metrics over samples; see Run.Set.
// For a preset without other samples it scores the preset again: the names are its figures.
func (r *Run) Evaluate(ctx context.Context, from string) (map[string]float64, error) {
	if r.Recipe.Preset != "" && from == "" {
		means := map[string]float64{}
		for _, f := range r.Info.Figures {
			means[f.Metric] = f.Value
		}
		return means, nil
	}
	in, err := r.Set(ctx, from)
	if err != nil {
		return nil, err
	}
	means, err := r.evaluate(ctx, in)
	if err == nil && in.Sequence != nil {
		err = r.measureSequences(ctx, in, means)
	}
	return means, in.blame(err)
}

// blame adds to an error which samples it is about.
func (in *Input) blame(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", in.Where, err)
}

// evaluate returns the means over a set, in batches of the size of the training's.
func (r *Run) evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	b, err := r.Recipe.backend()
	if err != nil {
		return nil, err
	}
	t := r.Recipe.Training
	return train.Evaluate(ctx, r.Model.Model(), set, train.Options{
		Backend: b, Params: r.Model.Params(), Scalers: r.Model.Scalers(), Seed: r.Recipe.Seed, EvalBatch: cmp.Or(t.EvalBatch, t.Batch),
	})
}

// Encode returns the codes of samples, [N, ...]; see Run.Set.
func (r *Run) Encode(ctx context.Context, from string) (vm.Array, *Input, error) {
	return r.compute(ctx, from, "code")
}

// Reconstruct returns the reconstructions of samples, [N, ...], in their scale; see
// Run.Set.
func (r *Run) Reconstruct(ctx context.Context, from string) (vm.Array, *Input, error) {
	return r.compute(ctx, from, "recon")
}

// Scores returns the model's score of each sample, higher where it is stranger; see Run.Set.
// The samples may be of classes that the model was not trained on.
func (r *Run) Scores(ctx context.Context, from string) ([]float64, *Input, error) {
	in, err := r.set(ctx, from, true)
	if err != nil {
		return nil, nil, err
	}
	out, err := r.Model.Compute(in, graph.OutputScore)
	if err != nil {
		return nil, nil, in.blame(err)
	}
	return float64s(out[0].Data), in, nil
}

func (r *Run) compute(ctx context.Context, from, output string) (vm.Array, *Input, error) {
	in, err := r.Set(ctx, from)
	if err != nil {
		return vm.Array{}, nil, err
	}
	out, err := r.Model.Compute(in, output)
	if err != nil {
		return vm.Array{}, nil, in.blame(err)
	}
	return out[0], in, nil
}
