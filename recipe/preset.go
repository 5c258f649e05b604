package recipe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/presets"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// completePreset checks that a preset exists and that nothing is set that it brings
// itself.
func (r *Recipe) completePreset() error {
	if _, err := findPreset(r.Preset); err != nil {
		return err
	}
	data, training := r.Data, r.Training
	data.Limit, training.Steps = 0, 0
	if r.Model.Value != nil || !reflect.DeepEqual(data, Data{}) || !reflect.DeepEqual(training, Training{}) {
		return fmt.Errorf("the preset %s brings its own data, model and training: leave out the keys of these sections, except data.limit and train.steps, which try it with few samples and steps", r.Preset)
	}
	if (r.Data.Limit > 0) != (r.Training.Steps > 0) || r.Data.Limit < 0 {
		return errors.New("to try a preset, set both data.limit and train.steps above 0")
	}
	return nil
}

func findPreset(name string) (presets.Preset, error) {
	for _, p := range presets.All() {
		if p.Name == name {
			return p, nil
		}
	}
	return presets.Preset{}, Unknown("the preset", name, presets.Names())
}

// presetOptions are the options of the preset's run.
func (r *Recipe) presetOptions(b vm.Backend) presets.Options {
	return presets.Options{
		Seeds: []uint64{r.Seed}, Backend: b, Data: r.DataDir,
		Trial: presets.Trial{Samples: r.Data.Limit, Steps: r.Training.Steps},
	}
}

func (r *Recipe) trainPreset(ctx context.Context, dir string, o Options) (*Run, error) {
	if err := newFolder(dir); err != nil {
		return nil, err
	}
	run, err := r.fitPreset(ctx, dir, newInfo(r, o.Command), o)
	var missing *MissingData
	if errors.As(err, &missing) {
		discard(dir)
	}
	return run, err
}

// fitPreset trains a preset in a folder and scores it, from its checkpoints if there are
// any.
func (r *Recipe) fitPreset(ctx context.Context, dir string, info Info, o Options) (*Run, error) {
	p, err := findPreset(r.Preset)
	if err != nil {
		return nil, err
	}
	b, err := r.backend()
	if err != nil {
		return nil, err
	}
	info.Backend, info.Arithmetic, info.Data = BackendName(b), vm.Arithmetic(b), p.Data
	run := &Run{Dir: dir, Recipe: r, Info: info}
	if err := run.begin(); err != nil {
		return nil, err
	}
	settings := r.presetOptions(b)
	settings.Dir, settings.Progress = filepath.Join(dir, CheckpointsFolder), o.Progress
	results, failed := p.Train(ctx, settings)
	var missing *presets.Missing
	if errors.As(failed, &missing) {
		failed = &MissingData{What: missing.What}
	}
	run.Info.Ended = time.Now().UTC().Round(time.Second)
	switch {
	case errors.Is(failed, context.Canceled) || errors.Is(failed, context.DeadlineExceeded):
		run.Info.Status = Interrupted
	case failed != nil:
		run.Info.Status, run.Info.Error = Failed, failed.Error()
	default:
		run.Info.Status = Complete
	}
	for _, result := range results {
		err = errors.Join(err, run.take(result, b))
	}
	err = errors.Join(failed, err, writeJSON(dir, InfoFile, run.Info), run.Report())
	if run.Model == nil && err != nil {
		return nil, err
	}
	return run, err
}

// take notes the figures of a preset, copies its pictures, and saves the model of its last
// training.
func (r *Run) take(result presets.Result, on vm.Backend) error {
	r.Info.Epochs, r.Info.Notes, r.Info.Figures = result.Epochs, result.Notes, nil
	for _, f := range result.Preset.Figures {
		v := result.Values[f.Metric]
		r.Info.Figures = append(r.Info.Figures, Reached{
			Metric: f.Metric, Value: v, Untrained: result.Before[f.Metric], Expected: f.Expected, Source: f.Source, Target: f.Target, Met: f.Met(v),
		})
	}
	var err error
	for _, p := range result.Pictures {
		text, readErr := os.ReadFile(p.Path)
		if readErr == nil {
			readErr = os.MkdirAll(filepath.Join(r.Dir, PicturesFolder), 0o755)
		}
		if readErr == nil {
			readErr = writeFile(filepath.Join(r.Dir, PicturesFolder), filepath.Base(p.Path), text)
		}
		err = errors.Join(err, readErr)
	}
	if len(result.Nets) == 0 {
		return err
	}
	n := result.Nets[len(result.Nets)-1]
	r.Info.Model, r.Info.Parameters = train.NameOf(n.Model), n.Params.Count()
	if v, ok := n.Model.(fmt.Stringer); ok {
		r.Info.Summary = v.String()
	}
	a, newErr := stheno.New(n.Model, stheno.Options{Backend: on, Params: n.Params, Scalers: n.Scalers, Seed: r.Recipe.Seed})
	if newErr == nil {
		r.Model = a
		newErr = a.Save(filepath.Join(r.Dir, ModelFile))
	}
	return errors.Join(err, newErr)
}
