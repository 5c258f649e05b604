package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// checkpoint returns the state of the training. No run may be in flight.
func (f *fitting) checkpoint() (checkpoint.Checkpoint, error) {
	current := f.current
	current.Extra = f.run.Epoch.Extra
	s := savedState{
		Settings: f.settings(), Made: f.made(),
		Position: f.batches.Position(), FirstEpoch: f.firstEpoch, Steps: f.started,
		Current: current.saved(), Means: f.means.saved(), Last: f.run.last(), Factors: f.factors, Skipped: f.skipped,
		Stopped: f.stopped, StopAt: f.stopAt,
	}
	if f.saver != nil {
		s.Best = f.saver.best
	}
	for _, e := range f.history {
		s.History = append(s.History, e.saved())
	}
	for _, k := range f.callbacks.stateful() {
		state, err := json.Marshal(k.State())
		if err != nil {
			return checkpoint.Checkpoint{}, fmt.Errorf("the state of %T: %w", k, err)
		}
		s.Callbacks = append(s.Callbacks, savedCallback{fmt.Sprintf("%T", k), state})
	}
	text, err := json.Marshal(s)
	if err != nil {
		return checkpoint.Checkpoint{}, err
	}
	c, err := f.o.weights(f.model)
	c.Training = text
	return c, err
}

// weights returns the model as a checkpoint.
func (o Options) weights(m Model) (checkpoint.Checkpoint, error) {
	config, err := json.Marshal(m)
	if err != nil {
		return checkpoint.Checkpoint{}, fmt.Errorf("the settings of %T cannot be written as JSON: %w", m, err)
	}
	scalers, err := o.scalersJSON()
	if err != nil {
		return checkpoint.Checkpoint{}, fmt.Errorf("the scalers: %w", err)
	}
	return checkpoint.Checkpoint{Model: NameOf(m), Config: config, Scalers: scalers, Params: o.Params}, nil
}

// NameOf is a model's name in files: for a config of this library the name of its
// package, such as "vae", and for any other model its type.
func NameOf(m Model) string {
	t := reflect.TypeOf(m)
	if t != nil && t.Name() == "Config" && path.Dir(t.PkgPath()) == library {
		return path.Base(t.PkgPath())
	}
	return fmt.Sprintf("%T", m)
}

// library is the folder of this library's models.
const library = "github.com/stheno-ml/stheno/models"

// resume restores the training from the newest good checkpoint in the folder, if there
// is one. It comes before any step is built.
func (f *fitting) resume() error {
	if f.saver == nil {
		return nil
	}
	files, err := f.saver.files(stepFile)
	if err != nil || len(files) == 0 {
		return err
	}
	if !f.saver.c.Resume {
		return fmt.Errorf("the folder %s has checkpoints of a training, such as %s: set Checkpoints.Resume to go on with it, or choose another folder", f.saver.c.Dir, files[0])
	}
	c, err := f.newest(files)
	if err != nil {
		return err
	}
	return f.restore(c)
}

// newest reads the newest file that is not damaged.
func (f *fitting) newest(files []string) (checkpoint.Checkpoint, error) {
	var errs []error
	for _, file := range files {
		c, err := checkpoint.Load(file)
		if err == nil && c.Training == nil {
			err = fmt.Errorf("checkpoint %s: it holds a model, not a training", file)
		}
		if err == nil {
			for _, err := range errs {
				f.warn(fmt.Sprintf("%v: going on from %s instead", err, file))
			}
			return c, nil
		}
		errs = append(errs, err)
	}
	return checkpoint.Checkpoint{}, fmt.Errorf("no checkpoint can be read: %w", errors.Join(errs...))
}

// restore sets parameters, callbacks and the place in the data to those of a
// checkpoint.
func (f *fitting) restore(c checkpoint.Checkpoint) error {
	var s savedState
	if err := json.Unmarshal(c.Training, &s); err != nil {
		return fmt.Errorf("checkpoint %s: the state of the training: %w", c.Path, err)
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	if err := f.sameTraining(c, s); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	for _, a := range c.Arrays {
		if err := f.o.Params.Start(a.Name, a.Shape, a.Floats()); err != nil {
			return fmt.Errorf("checkpoint %s: %w", c.Path, err)
		}
	}
	if err := f.restoreCallbacks(s.Callbacks); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	if err := f.batches.Seek(s.Position); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	means, err := s.Means.means()
	if err != nil {
		return fmt.Errorf("checkpoint %s: the state of the training: %w", c.Path, err)
	}
	f.firstEpoch, f.started, f.paused, f.current, f.means = s.FirstEpoch, s.Steps, s.Steps, s.Current.epoch(), means
	f.factors.All, f.stopped, f.stopAt, f.saver.best = s.Factors.All, s.Stopped, s.StopAt, s.Best
	f.skipped, f.history = s.Skipped, nil
	for _, e := range s.History {
		f.history = append(f.history, e.epoch())
	}
	f.run.Steps, f.resumed = f.started, true
	f.run.restoreLast(s.Last)
	f.run.Epoch = Epoch{Epoch: f.current.Epoch, Extra: f.current.Extra}
	return nil
}

// sameTraining returns an error that lists how a checkpoint differs from the training.
func (f *fitting) sameTraining(c checkpoint.Checkpoint, s savedState) error {
	here, err := f.o.weights(f.model)
	if err != nil {
		return err
	}
	settings := append(identity(here), f.settings()...)
	saved := append(identity(c), s.Settings...)
	var out []string
	for _, have := range settings {
		i := slices.IndexFunc(saved, func(o setting) bool { return o.Name == have.Name })
		if i < 0 {
			out = append(out, fmt.Sprintf("%s: %s here, unknown there", have.Name, have.Value))
		} else if saved[i].Value != have.Value {
			out = append(out, fmt.Sprintf("%s: %s here, %s there", have.Name, have.Value, saved[i].Value))
		}
	}
	if len(out) == 0 {
		arrays, err := f.differences(c, s.Position.Epoch)
		if err != nil {
			return err
		}
		out = arrays
	}
	if len(out) > 0 {
		return fmt.Errorf("it belongs to another training:\n\t%s\nuse the settings of that training, or choose another folder; checkpoint.Restore takes over the weights that fit", strings.Join(out, "\n\t"))
	}
	for _, have := range f.made() {
		i := slices.IndexFunc(s.Made, func(o setting) bool { return o.Name == have.Name })
		if i >= 0 && s.Made[i].Value != have.Value {
			f.warn(fmt.Sprintf("checkpoint %s: %s was %s and is %s: the results may differ in the last bits", c.Path, have.Name, s.Made[i].Value, have.Value))
		}
	}
	return nil
}

// identity says which model a checkpoint has.
func identity(c checkpoint.Checkpoint) []setting {
	return []setting{{"model", c.Model}, {"its settings", string(c.Config)}, {"scalers", string(c.Scalers)}}
}

// differences compares the parameters of the training step with those of a
// checkpoint.
func (f *fitting) differences(c checkpoint.Checkpoint, epoch int) ([]string, error) {
	o := f.o
	o.Params = graph.NewParams(o.Params.Dtype(), o.Params.Seed())
	if _, _, err := o.training(f.model, stepKey{training: true, batch: f.o.Batch, phase: f.o.phase(epoch)}); err != nil {
		return nil, err
	}
	return c.Compare(o.Params), nil
}

// settings are the settings that a resumed training must share with the one before.
func (f *fitting) settings() []setting {
	o := f.o
	return []setting{
		{"element type", o.Params.Dtype().String()},
		{"seed", strconv.FormatUint(o.Seed, 10)},
		{"batch", strconv.Itoa(o.Batch)},
		{"micro-batch", strconv.Itoa(o.MicroBatch)},
		{"last batch of an epoch dropped", strconv.FormatBool(o.DropLast)},
		{"samples", f.samples},
		{"augmentation", describe(o.Augment)},
		{"optimiser", describe(o.Optimizer)},
		{"callbacks with a state", f.callbacks.types()},
	}
}

// made says which versions and which machine made a checkpoint.
func (f *fitting) made() []setting {
	out := []setting{{"arithmetic", vm.Arithmetic(f.o.Backend)}}
	if info, ok := debug.ReadBuildInfo(); ok {
		out = append(out, setting{"Go", info.GoVersion})
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			if strings.HasPrefix(m.Path, "github.com/stheno-ml/") || strings.HasPrefix(m.Path, "gorgonia.org/") {
				out = append(out, setting{m.Path, m.Version})
			}
		}
	}
	return out
}

// stateful are the callbacks with a state.
func (c *callbacks) stateful() (out []Stateful) {
	for _, k := range c.all {
		if s, ok := k.(Stateful); ok {
			out = append(out, s)
		}
	}
	return out
}

// types lists the types of callbacks with a state.
func (c *callbacks) types() string {
	var names []string
	for _, k := range c.stateful() {
		names = append(names, fmt.Sprintf("%T", k))
	}
	return joined(names)
}

func (f *fitting) restoreCallbacks(saved []savedCallback) error {
	all := f.callbacks.stateful()
	if len(all) != len(saved) {
		return fmt.Errorf("%d callbacks with a state, want %d", len(saved), len(all))
	}
	for i, k := range all {
		if v := reflect.ValueOf(k.State()); v.Kind() == reflect.Pointer && !v.IsNil() {
			v.Elem().SetZero()
		}
		if err := json.Unmarshal(saved[i].State, k.State()); err != nil {
			return fmt.Errorf("the state of %T: %w", k, err)
		}
	}
	return nil
}

// describe writes a value with its type, through pointers and interfaces.
func describe(v any) string {
	var b strings.Builder
	describeValue(&b, reflect.ValueOf(v), 0)
	return b.String()
}

func describeValue(b *strings.Builder, v reflect.Value, depth int) {
	if depth > 20 || !v.IsValid() {
		b.WriteString("nil")
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		describeValue(b, v.Elem(), depth+1)
	case reflect.Struct:
		b.WriteString(v.Type().String() + "{")
		sep := ""
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				continue
			}
			b.WriteString(sep + v.Type().Field(i).Name + ": ")
			describeValue(b, v.Field(i), depth+1)
			sep = ", "
		}
		b.WriteString("}")
	case reflect.Slice, reflect.Array:
		b.WriteString("[")
		for i := range v.Len() {
			if i > 0 {
				b.WriteString(" ")
			}
			describeValue(b, v.Index(i), depth+1)
		}
		b.WriteString("]")
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		b.WriteString(v.Type().String())
	default:
		fmt.Fprintf(b, "%v", v)
	}
}

// Skip are steps whose effect was undone, because one of them failed.
type Skip struct {
	From int    `json:"from"` // counted from 1
	To   int    `json:"to"`   // inclusive
	Why  string `json:"why"`
}

// goBack restores the last checkpoint, and goes on after the step that failed.
func (f *fitting) goBack(failed error) error {
	if f.saver == nil {
		return fmt.Errorf("%w (to go back to a checkpoint, set Options.Checkpoints)", failed)
	}
	files, err := f.saver.files(stepFile)
	if err != nil {
		return errors.Join(failed, err)
	}
	if len(files) == 0 {
		return fmt.Errorf("%w (there is no checkpoint yet to go back to)", failed)
	}
	c, err := f.newest(files)
	if err != nil {
		return errors.Join(failed, err)
	}
	at, step, skipped := f.batches.Position(), f.started, f.skipped
	if bad := (*NonFinite)(nil); !errors.As(failed, &bad) { // the next batch may have been read as well
		at, step = data.Position{Epoch: f.last.epoch, Next: f.last.first + f.last.n}, f.last.number
	}
	if err := f.restore(c); err != nil {
		return errors.Join(failed, err)
	}
	from := f.started + 1
	if err := f.batches.Seek(at); err != nil {
		return errors.Join(failed, err)
	}
	f.started, f.paused, f.run.Steps = step, step, step
	f.skipped = append(skipped, Skip{from, step, failed.Error()})
	f.warn(fmt.Sprintf("%v: going back to checkpoint %s and skipping steps %d to %d", failed, c.Path, from, step))
	return f.backup.save(f.batches.Position(), f.started)
}
