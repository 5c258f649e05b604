package recipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/picture"
	"github.com/stheno-ml/stheno/vm"
)

// Options are the settings of a training that do not change its result. The zero value is
// the default.
type Options struct {
	// Progress shows the progress; nil shows none.
	Progress io.Writer
	// Command is the command line that the run folder is to remember.
	Command []string
}

// Train trains the model and leaves a run in a folder, which must not have one. The
// folder has the files that this package lists as constants. If training ends early, by an
// error or the end of the context, the run so far is returned with the error, and Resume
// goes on with it. The caller closes the run.
func (r *Recipe) Train(ctx context.Context, dir string, o Options) (*Run, error) {
	if IsRun(dir) {
		return nil, fmt.Errorf("%s has a run: go on with it by resume, or choose another folder", dir)
	}
	if r.Preset != "" {
		return r.trainPreset(ctx, dir, o)
	}
	s, err := r.prepare(ctx, o.Progress)
	if err != nil {
		return nil, err
	}
	if err := newFolder(dir); err != nil {
		return nil, err
	}
	run, err := r.fit(ctx, dir, s, newInfo(r, o.Command), o)
	if err != nil && (run == nil || run.Info.Steps == 0 && run.Info.Status == Failed) {
		discard(dir)
		return nil, errors.Join(err, run.Close())
	}
	return run, err
}

// discard removes what a training that could not start leaves in its folder, so that the
// same command works once the mistake is mended.
func discard(dir string) {
	for _, name := range []string{ConfigFile, InfoFile, SchemaFile, SequenceFile, LogFile, ModelFile, SamplesFile, ReportFile} {
		_ = os.Remove(filepath.Join(dir, name))
	}
	_ = os.RemoveAll(filepath.Join(dir, CheckpointsFolder))
	_ = os.Remove(filepath.Join(dir, PicturesFolder))
	_ = os.Remove(dir) // it stays if it has something else
}

// Resume goes on with the run in a folder that was interrupted, and ends with the same
// bits as if it had not been. Settings replace values of its configuration, such as
// "train.epochs" to train longer. If there is nothing left to train, the run is returned
// as it is.
func Resume(ctx context.Context, dir string, o Options, settings ...Setting) (*Run, error) {
	info, err := ReadInfo(dir)
	if err != nil {
		return nil, err
	}
	r, err := Load(filepath.Join(dir, ConfigFile), settings...)
	if err != nil {
		return nil, err
	}
	if info.Status == Complete && len(settings) == 0 {
		return Open(dir, OpenOptions{})
	}
	info.Status, info.Error, info.Stopped = Running, "", ""
	if r.Preset != "" {
		return r.fitPreset(ctx, dir, info, o)
	}
	s, err := r.prepare(ctx, o.Progress)
	if err != nil {
		return nil, err
	}
	return r.fit(ctx, dir, s, info, o)
}

// prepare opens the samples, fits the model to them and checks that it takes them.
func (r *Recipe) prepare(ctx context.Context, log io.Writer) (*Samples, error) {
	s, err := r.Open(ctx, log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	r.redraw = r.Data.redraw(s.Train)
	if err = r.Model.fit(s); err == nil {
		err = r.checkModel(s)
	}
	if err == nil {
		err = r.checkReads()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return s, nil
}

// fit trains in a folder, from its checkpoint if it has one.
func (r *Recipe) fit(ctx context.Context, dir string, s *Samples, info Info, o Options) (*Run, error) {
	settings, err := r.options()
	if err != nil {
		return nil, err
	}
	c := r.Training.Checkpoints
	settings.Checkpoints = &train.Checkpoints{
		Dir: filepath.Join(dir, CheckpointsFolder), Resume: true,
		EverySteps: c.EverySteps, EveryEpochs: c.EveryEpochs, Every: c.Every, Keep: c.Keep, Best: c.Best, Metric: c.Metric, Maximize: c.Maximize,
	}
	settings.Progress, settings.Validation = o.Progress, s.Validation
	settings.Callbacks = append(settings.Callbacks, &train.CSVLog{Path: filepath.Join(dir, LogFile)})
	if p := r.Training.Pictures; p >= 0 && drawable(r.Model.Value, s) {
		every := p
		if every == 0 {
			every = 1 << 30
		}
		settings.Callbacks = append(settings.Callbacks, &picture.Writer{Dir: filepath.Join(dir, PicturesFolder), Every: every})
	}
	info.describe(r, s, settings.Backend)
	run := &Run{Dir: dir, Recipe: r, Info: info, samples: s}
	if err := run.begin(); err != nil {
		return nil, err
	}
	notes := &notes{}
	settings.Callbacks = append(settings.Callbacks, notes)
	a, failed := stheno.Train(ctx, r.Model.Value, s.Train, settings)
	if a == nil {
		return nil, run.failed(failed)
	}
	run.Model = a
	return run, run.end(ctx, notes, failed)
}

// notes is a callback that remembers what the run folder says about the training.
type notes struct {
	train.Base
	steps, total int
}

// Start notes the plan.
func (n *notes) Start(r *train.Run) error {
	n.steps, n.total = r.Steps, r.Total
	return nil
}

// Step notes how far the training is.
func (n *notes) Step(r *train.Run) error {
	n.steps = r.Steps
	return nil
}

// describe notes what is known before training.
func (i *Info) describe(r *Recipe, s *Samples, on vm.Backend) {
	i.Backend, i.Arithmetic, i.Data, i.Classes = BackendName(on), vm.Arithmetic(on), s.Source, s.Classes
	i.Samples = map[string]int{"train": s.Train.Len()}
	for name, set := range map[string]data.Set{"validation": s.Validation, "test": s.Test} {
		if set != nil {
			i.Samples[name] = set.Len()
		}
	}
	i.Model = train.NameOf(r.Model.Value)
	if v, ok := r.Model.Value.(fmt.Stringer); ok {
		i.Summary = v.String()
	}
}

// begin writes what the folder has from the start.
func (r *Run) begin() error {
	r.Recipe.Data.absolute()
	text, err := r.Recipe.YAML()
	if err == nil {
		err = writeFile(r.Dir, ConfigFile, text)
	}
	if err == nil {
		err = writeJSON(r.Dir, InfoFile, r.Info)
	}
	if err == nil && r.samples != nil && r.samples.Schema != nil {
		err = writeJSON(r.Dir, SchemaFile, r.samples.Schema)
	}
	if err == nil && r.samples != nil && r.samples.Sequence != nil {
		err = writeJSON(r.Dir, SequenceFile, r.samples.Sequence)
	}
	return err
}

// absolute makes paths independent of the folder in which the command runs.
func (d *Data) absolute() {
	for _, p := range []*string{&d.Source, &d.Test, &d.Hide.Mask} {
		if *p == "" || slices.Contains(named(), *p) {
			continue
		}
		if abs, err := filepath.Abs(*p); err == nil {
			*p = abs
		}
	}
}

// end saves the model and the outcome of the training.
func (r *Run) end(ctx context.Context, n *notes, failed error) error {
	r.Info.Ended = time.Now().UTC().Round(time.Second)
	r.Info.Parameters = r.Model.Params().Count()
	history := r.Model.History()
	r.Info.Epochs, r.Info.Steps = len(history), n.steps
	if len(history) > 0 {
		r.Info.Validation = history[len(history)-1].Validation
	}
	err := r.Model.Save(filepath.Join(r.Dir, ModelFile))
	switch {
	case errors.Is(failed, context.Canceled) || errors.Is(failed, context.DeadlineExceeded):
		r.Info.Status = Interrupted
	case failed != nil:
		r.Info.Status, r.Info.Error = Failed, failed.Error()
	case r.Recipe.Training.MaxTime > 0 && n.total > n.steps && r.Recipe.Training.EarlyStopping.Patience == 0:
		r.Info.Status, r.Info.Stopped = Interrupted, "train.maxTime has passed"
	default:
		r.Info.Status = Complete
		if n.total > n.steps {
			r.Info.Stopped = fmt.Sprintf("no improvement for train.earlyStopping.patience: %d of %d steps", n.steps, n.total)
		}
	}
	if err == nil && failed == nil && r.samples.Test != nil {
		err = r.keep(r.samples.Test)
	}
	if failed == nil && r.samples.Test != nil {
		means, evalErr := r.evaluate(ctx, r.samples.Test)
		if evalErr != nil {
			err = errors.Join(err, evalErr)
		}
		r.Info.Test = means
	}
	return errors.Join(failed, err, writeJSON(r.Dir, InfoFile, r.Info), r.Report())
}

// failed notes that training could not start.
func (r *Run) failed(why error) error {
	r.Info.Status, r.Info.Error = Failed, why.Error()
	return errors.Join(why, writeJSON(r.Dir, InfoFile, r.Info))
}

// drawable reports whether the net's reconstructions can be drawn.
func drawable(m stheno.Model, s *Samples) bool {
	if s.Validation == nil || s.Sequence.texts() {
		return false
	}
	p, err := train.EvalProgram(m, 1, train.Options{})
	if err != nil {
		return false
	}
	out, ok := p.Output(graph.OutputRecon)
	x, err := s.field(graph.InputX)
	return ok && err == nil && out.Shape.Size() == graph.Shape(x.Shape).Size()
}
