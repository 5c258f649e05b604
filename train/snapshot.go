package train

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"

	"github.com/stheno-ml/stheno/checkpoint"
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
