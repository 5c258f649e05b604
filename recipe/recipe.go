// Package recipe trains models from a configuration: a text file that names the data, the
// model and the training. It is what the command stheno runs, as Go calls:
//
//	r, err := recipe.Load("vae.yaml")
//	run, err := r.Train(ctx, "runs/vae", recipe.Options{Progress: os.Stderr})
//	defer run.Close()
//	means, err := run.Evaluate(ctx)
//
// And later, also after the training was interrupted:
//
//	run, err := recipe.Resume(ctx, "runs/vae", recipe.Options{})
//	run, err := recipe.Open("runs/vae", recipe.OpenOptions{}) // to use the model
//
// The page docs/command.md describes the configuration by an example.
package recipe

import (
	"fmt"
	"os"

	"github.com/stheno-ml/stheno/data"
)

// Recipe is a configuration: data, model and training. A key of the configuration is the
// name of a field in lower camel case.
type Recipe struct {
	// Preset is the name of a preset, which brings its own data, model and training; see
	// package presets. Then Data may only have Limit and Training only Steps, to try it.
	Preset   string   `json:"preset" doc:"a preset by name: it brings its own data, model and training"`
	Data     Data     `json:"data"`
	Model    Model    `json:"model"`
	Training Training `json:"train"`
	// Seed determines initial weights, the order of samples and random numbers.
	Seed uint64 `json:"seed" doc:"seed of initial weights, order of samples and random numbers" default:"1"`
	// Backend is "cpu", "cuda" or "auto".
	Backend string `json:"backend" doc:"what runs the model: auto, cpu or cuda" default:"auto"`
	// Threads is the number of processors; 0 means all.
	Threads int `json:"threads" doc:"processors to use; 0 means all"`
	// ISA is the instruction set; "" means the best of the processor.
	ISA string `json:"isa" doc:"instruction set of the processor: avx512, avx2, neon or go; empty means the best"`
	// DataDir is the folder of the data sets that are named; "" means $STHENO_DATA, else
	// the user's cache.
	DataDir string `json:"dataDir" doc:"folder of the data sets that are named; empty means $STHENO_DATA, else the user's cache"`

	name   string              // what errors call it
	redraw []data.Augmentation // of the damage of training samples, once they are open
}

// Setting is a value that replaces one in a configuration, such as "train.epochs".
type Setting struct {
	// Key is the path of the value, with dots. The first element may be left out if it is
	// train, data or model: see Resolve.
	Key   string
	Value string
	// Origin is what errors call it, such as "--epochs"; "" means the key.
	Origin string
}

// Load reads a configuration from a file, with settings that replace or add values.
func Load(path string, settings ...Setting) (*Recipe, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	return Parse(text, path, settings...)
}

// Parse reads a configuration from a text; name is used in errors. An empty text is the
// configuration with all defaults.
func Parse(text []byte, name string, settings ...Setting) (*Recipe, error) {
	d, err := newDocument(text, name)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		if err := d.set(s); err != nil {
			return nil, err
		}
	}
	r := &Recipe{name: name}
	if err := d.decode(r); err != nil {
		return nil, err
	}
	if err := r.complete(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// complete fills in the defaults and checks what can be checked without the data.
func (r *Recipe) complete() error {
	if r.Seed == 0 {
		r.Seed = 1
	}
	if _, err := r.backend(); err != nil {
		return err
	}
	if r.Preset != "" {
		return r.completePreset()
	}
	if r.Data.Source == "" {
		return fmt.Errorf("data.source is missing: name a data set, such as mnist, a file or a folder, or choose a preset")
	}
	if r.Model.Value == nil {
		return fmt.Errorf("model.type is missing: want one of %s", joinNames(ModelTypes()))
	}
	if err := r.Data.check(); err != nil {
		return err
	}
	return r.Training.complete()
}
