// Package checkpoint writes a model to a file and reads it back: its name, settings,
// weights and states, and the state of its training. The file is in the safetensors
// format, which other libraries read as well. It has a checksum over all its bytes.
// Reading it runs no code.
//
// Restore takes over weights from such a file, or from a safetensors or npz file of another
// program, into a model; WriteWeights writes weights for other programs.
package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/internal/safetensors"
)

// Checkpoint is a model in a file.
type Checkpoint struct {
	// Model is the model's name, such as "vae".
	Model string
	// Config is its settings, as JSON.
	Config json.RawMessage
	// Scalers are those that samples pass through before they reach the model, by field,
	// as JSON; nil if there are none.
	Scalers json.RawMessage
	// Training is the state of its training, as JSON; nil if the file has none.
	Training json.RawMessage
	// Params are its weights and states.
	Params *graph.Params

	// Path is the file that Load read.
	Path string
	// Arrays are the weights and states in that file.
	Arrays []Array
}

// Array is an array in a file, such as a weight or a state.
type Array struct {
	Name  string
	Shape graph.Shape
	State bool   // it is a state, which is not trained; known only of files of this package
	Type  string // of the elements in the file, as safetensors calls it, such as "BF16"
	data  any    // []float32 or []float64
}

// Floats returns the elements, in row-major order. They must not be changed.
func (a Array) Floats() []float64 { return floats(a.data) }

// Part is the extension of a file that is being written.
const Part = atomicfile.Part

// The keys of the file's metadata, and the versions of the format. Files of version 1
// have no checksum.
const (
	keyFormat   = "stheno"
	keyModel    = "model"
	keyConfig   = "config"
	keyParams   = "params"
	keyScalers  = "scalers"
	keyTraining = "training"
	formatOne   = "1"
	formatTwo   = "2"
	maxConfig   = 1 << 20 // bytes
)

// metadata describes the parameters, apart from their values.
type metadata struct {
	Dtype  string   `json:"dtype"`
	Seed   uint64   `json:"seed"`
	States []string `json:"states"` // names of the parameters that are not trained
}

// Save writes a checkpoint to the file at path. If it fails, an existing file stays
// as it was.
func Save(path string, c Checkpoint) error {
	if c.Params == nil {
		return fmt.Errorf("checkpoint %s: no parameters to save", path)
	}
	file, err := fileOf(c)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return write(path, file)
}

func fileOf(c Checkpoint) (safetensors.File, error) {
	var f safetensors.File
	lock := c.Params.Running()
	lock.RLock()
	defer lock.RUnlock()
	if err := c.Params.Sync(); err != nil {
		return f, err
	}
	if len(c.Config) > maxConfig {
		return f, fmt.Errorf("the settings take %d bytes, want at most %d", len(c.Config), maxConfig)
	}
	a := metadata{Dtype: c.Params.Dtype().String(), Seed: c.Params.Seed(), States: []string{}}
	for _, p := range c.Params.All() {
		f.Arrays = append(f.Arrays, safetensors.Array{Name: p.Name(), Shape: p.Shape(), Data: p.Value().Data()})
		if !p.Trainable() {
			a.States = append(a.States, p.Name())
		}
	}
	slices.Sort(a.States)
	text, err := json.Marshal(a)
	if err != nil {
		return f, err
	}
	f.Metadata = map[string]string{keyFormat: formatTwo, keyModel: c.Model, keyConfig: string(c.Config), keyParams: string(text)}
	for key, text := range map[string]json.RawMessage{keyScalers: c.Scalers, keyTraining: c.Training} {
		if text != nil {
			f.Metadata[key] = string(text)
		}
	}
	return f, nil
}

// Load reads the checkpoint in the file at path. When a graph requests a parameter by
// name, the parameter starts from the value in the file.
func Load(path string) (Checkpoint, error) {
	content, err := contentOf(path)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := parse(content)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	c.Path = path
	return c, nil
}

func parse(content []byte) (Checkpoint, error) {
	f, err := safetensors.Parse(content)
	if err != nil {
		return Checkpoint{}, err
	}
	if _, ok := f.Metadata[keyFormat]; !ok {
		return Checkpoint{}, errors.New("the safetensors file names no model: another program wrote it, and Restore takes over its weights")
	}
	a, arrays, err := describe(content, f)
	if err != nil {
		return Checkpoint{}, err
	}
	dtype := graph.Float32
	if a.Dtype == graph.Float64.String() {
		dtype = graph.Float64
	} else if a.Dtype != dtype.String() {
		return Checkpoint{}, fmt.Errorf("metadata %q: elements of type %q, want %v or %v", keyParams, a.Dtype, graph.Float32, graph.Float64)
	}
	c := Checkpoint{Model: f.Metadata[keyModel], Config: json.RawMessage(f.Metadata[keyConfig]), Params: graph.NewParams(dtype, a.Seed), Arrays: arrays}
	for key, to := range map[string]*json.RawMessage{keyScalers: &c.Scalers, keyTraining: &c.Training} {
		if text, ok := f.Metadata[key]; ok {
			*to = json.RawMessage(text)
		}
	}
	for _, got := range arrays {
		if err := c.Params.Start(got.Name, got.Shape, got.Floats()); err != nil {
			return Checkpoint{}, err
		}
	}
	return c, nil
}

// describe checks the content of a file of this package, and returns its arrays and what
// it says about them.
func describe(content []byte, f safetensors.File) (a metadata, arrays []Array, err error) {
	switch version := f.Metadata[keyFormat]; version {
	case formatOne:
	case formatTwo:
		if err := safetensors.CheckSeal(content, f); err != nil {
			return a, nil, err
		}
	default:
		return a, nil, fmt.Errorf("the format is %q, this version reads %q and %q", version, formatOne, formatTwo)
	}
	if err := json.Unmarshal([]byte(f.Metadata[keyParams]), &a); err != nil {
		return a, nil, fmt.Errorf("metadata %q: %w", keyParams, err)
	}
	state := map[string]bool{}
	for _, name := range a.States {
		state[name] = true
	}
	for _, array := range f.Arrays {
		arrays = append(arrays, Array{array.Name, array.Shape, state[array.Name], array.Type, array.Data})
	}
	return a, arrays, nil
}

// Compare compares the weights and states of a model with those of the file. It returns
// one line for each that the file does not have in that shape, and for each weight that
// only the file has.
func (c Checkpoint) Compare(p *graph.Params) []string {
	var out []string
	for _, q := range p.All() {
		kind := "weight"
		if !q.Trainable() {
			kind = "state"
		}
		i := slices.IndexFunc(c.Arrays, func(a Array) bool { return a.Name == q.Name() })
		switch {
		case i < 0:
			out = append(out, fmt.Sprintf("%s %q %v is not in the file", kind, q.Name(), q.Shape()))
		case !c.Arrays[i].Shape.Equal(q.Shape()):
			out = append(out, fmt.Sprintf("%s %q has shape %v, that of the file has %v", kind, q.Name(), q.Shape(), c.Arrays[i].Shape))
		}
	}
	for _, a := range c.Arrays {
		if !a.State && p.Get(a.Name) == nil {
			out = append(out, fmt.Sprintf("weight %q %v of the file is not in the model", a.Name, a.Shape))
		}
	}
	return out
}

// floats returns the elements in float64.
func floats(data any) []float64 {
	if x, ok := data.([]float64); ok {
		return x
	}
	single, _ := data.([]float32)
	x := make([]float64, len(single))
	for i, v := range single {
		x[i] = float64(v)
	}
	return x
}
