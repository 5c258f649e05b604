// Package checkpoint writes a model to a file and reads it back: its name, settings,
// weights and states. The file is in the safetensors format, which other libraries read
// as well. Reading it runs no code.
package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	// Params are its weights and states.
	Params *graph.Params

	weights []string // names of the weights in the file
}

// The keys of the file's metadata, and the version of the format.
const (
	keyFormat = "stheno"
	keyModel  = "model"
	keyConfig = "config"
	keyParams = "params"
	formatOne = "1"
	maxConfig = 1 << 20 // bytes
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
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return safetensors.Write(w, file) })
	}
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return nil
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
	f.Metadata = map[string]string{keyFormat: formatOne, keyModel: c.Model, keyConfig: string(c.Config), keyParams: string(text)}
	return f, nil
}

// Load reads the checkpoint in the file at path. When a graph requests a parameter by
// name, the parameter starts from the value in the file.
func Load(path string) (Checkpoint, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := parse(content)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return c, nil
}

func parse(content []byte) (Checkpoint, error) {
	var c Checkpoint
	f, err := safetensors.Parse(content)
	if err != nil {
		return c, err
	}
	switch version, ok := f.Metadata[keyFormat]; {
	case !ok:
		return c, errors.New("the safetensors file names no model: another program wrote it")
	case version != formatOne:
		return c, fmt.Errorf("the format is %q, this version reads %q", version, formatOne)
	}
	var a metadata
	if err := json.Unmarshal([]byte(f.Metadata[keyParams]), &a); err != nil {
		return c, fmt.Errorf("metadata %q: %w", keyParams, err)
	}
	dtype := graph.Float32
	if a.Dtype == graph.Float64.String() {
		dtype = graph.Float64
	} else if a.Dtype != dtype.String() {
		return c, fmt.Errorf("metadata %q: elements of type %q, want %v or %v", keyParams, a.Dtype, graph.Float32, graph.Float64)
	}
	c = Checkpoint{Model: f.Metadata[keyModel], Config: json.RawMessage(f.Metadata[keyConfig]), Params: graph.NewParams(dtype, a.Seed)}
	for _, array := range f.Arrays {
		if !slices.Contains(a.States, array.Name) {
			c.weights = append(c.weights, array.Name)
		}
		if err := c.Params.Start(array.Name, array.Shape, floats(array.Data)); err != nil {
			return Checkpoint{}, err
		}
	}
	return c, nil
}

// Differences compares the weights of a model that was built over the parameters of a
// loaded checkpoint with those of the file. It returns one line for each weight that
// only one of them has.
func (c Checkpoint) Differences() []string {
	var out []string
	have := map[string]bool{}
	for _, p := range c.Params.Trainable() {
		have[p.Name()] = true
		if !slices.Contains(c.weights, p.Name()) {
			out = append(out, fmt.Sprintf("weight %q %v is not in the file", p.Name(), p.Shape()))
		}
	}
	for _, name := range c.weights {
		if !have[name] {
			out = append(out, fmt.Sprintf("weight %q of the file is not in the model", name))
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
