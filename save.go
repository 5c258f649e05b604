package stheno

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/vm"
)

// known are the models that a file tells by name.
var known = map[string]Model{
	conv.Name:  conv.Config{},
	dense.Name: dense.Config{},
	seq.Name:   seq.Config{},
	vae.Name:   vae.Config{},
}

// LoadOptions are the settings of LoadWith. The zero value is the default.
type LoadOptions struct {
	// Backend runs the model; nil means that of Fastest.
	Backend vm.Backend
	// Model is the model of the file, where it is one of your own: its type, with any
	// settings, which the file's are put in place of.
	Model Model
}

// Save writes the model, its weights and its states to a file, whole or not at all:
// a safetensors file, which other libraries read too.
func (a *Autoencoder) Save(path string) error {
	if err := a.usable(); err != nil {
		return err
	}
	config, err := json.Marshal(a.model)
	if err != nil {
		return fmt.Errorf("stheno: save %s: the settings of %T cannot be written as JSON: %w", path, a.model, err)
	}
	return checkpoint.Save(path, checkpoint.Checkpoint{Model: nameOf(a.model), Config: config, Params: a.o.Params})
}

// Load reads a model that was saved. It runs no code of the file.
func Load(path string) (*Autoencoder, error) { return LoadWith(path, LoadOptions{}) }

// LoadWith is Load with settings.
func LoadWith(path string, o LoadOptions) (*Autoencoder, error) {
	c, err := checkpoint.Load(path)
	if err != nil {
		return nil, err
	}
	m, err := modelOf(c, o.Model)
	if err != nil {
		return nil, fmt.Errorf("stheno: load %s: %w", path, err)
	}
	if o.Backend == nil {
		o.Backend = Fastest()
	}
	a, err := open(m, Options{Backend: o.Backend, Params: c.Params, Seed: c.Params.Seed()})
	if err != nil {
		return nil, fmt.Errorf("stheno: load %s: %w", path, err)
	}
	if d := c.Differences(); len(d) > 0 {
		return nil, fmt.Errorf("stheno: load %s: the file is of another net than %T builds:\n\t%s", path, m, strings.Join(d, "\n\t"))
	}
	return a, nil
}

// nameOf is the name of a model in files.
func nameOf(m Model) string {
	for name, k := range known {
		if reflect.TypeOf(k) == reflect.TypeOf(m) {
			return name
		}
	}
	return fmt.Sprintf("%T", m)
}

// modelOf is the model of a checkpoint, of the type that its name tells, or of own's
// unless that is nil.
func modelOf(c checkpoint.Checkpoint, own Model) (Model, error) {
	like := own
	if like == nil {
		if like = known[c.Model]; like == nil {
			return nil, fmt.Errorf("it is a model of type %s, which is none of this library's: give it by LoadOptions.Model", c.Model)
		}
	}
	if name := nameOf(like); name != c.Model {
		return nil, fmt.Errorf("it is a model of type %s, want %s", c.Model, name)
	}
	to := reflect.New(reflect.TypeOf(like))
	read := json.NewDecoder(bytes.NewReader(c.Config))
	read.DisallowUnknownFields()
	if err := read.Decode(to.Interface()); err != nil {
		return nil, fmt.Errorf("the settings of %s: %w", c.Model, err)
	}
	m, ok := to.Elem().Interface().(Model)
	if !ok {
		return nil, fmt.Errorf("%T is no model", to.Elem().Interface())
	}
	return m, nil
}
