// Package presets lists autoencoders of the literature, each with its data, its recipe
// and the figure that was published for it or measured with another program, and runs
// them:
//
//	p, err := presets.Find("vae-pytorch")
//	results, err := p[0].Train(ctx, presets.Options{Dir: "out", Seeds: []uint64{1, 2, 3}, Backend: cpu.Config{}})
//
// A preset trains, and scores what it has trained on samples that it has not seen. It
// does the same with the untrained net: one whose score is not better than that is an
// error. Training writes checkpoints to a folder, and goes on from them if it was
// interrupted.
package presets

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Preset is a model with its data and its recipe, and the figures it is held against.
type Preset struct {
	// Name is what the preset is called by, such as "vae-pytorch".
	Name string
	// Title says in one line what it is.
	Title string
	// Paper is where the model was published.
	Paper string
	// Data names what it is trained and scored on, with the split, and the binarisation
	// where a likelihood depends on it.
	Data string
	// Recipe is the net and the training in one line.
	Recipe string
	// Minutes is about how long one seed takes on two cores.
	Minutes float64
	// Fast presets together end within fifteen minutes.
	Fast bool
	// Figures are what it is held against. The first is the score: a trained net must
	// have a better one than the untrained net.
	Figures []Figure
	// Run trains and scores the preset. It returns a value for each figure, by metric.
	// With Run.Untrained it scores the untrained net.
	Run func(ctx context.Context, r *Run) (map[string]float64, error)
}

// Figure is a number to reach.
type Figure struct {
	// Metric is what the number is, with its unit, such as "test BCE, nats a pixel".
	Metric string
	// Higher says that more is better.
	Higher bool
	// Expected is the number that was published, or that another program reaches with
	// the same recipe; 0 if there is none.
	Expected float64
	// Source is where Expected is from.
	Source string
	// Target is the number that this project asks of itself; 0 if there is none.
	Target float64
	// Bound, if not 0, is what the number cannot be better than, such as the exact
	// solution's error.
	Bound float64
}

// Better reports whether one value is better than another.
func (f Figure) Better(a, b float64) bool {
	if f.Higher {
		return a > b
	}
	return a < b
}

// Met reports whether a value reaches the target and respects the bound.
func (f Figure) Met(v float64) bool {
	if f.Bound != 0 && f.Better(v, f.Bound) {
		return false
	}
	return f.Target == 0 || v == f.Target || f.Better(v, f.Target)
}

// All lists the presets.
func All() []Preset {
	return slices.Concat(
		denseAutoencoders(), denseDeep(), sae(), convolutional(),
		variational(), vq(), vaeRegularized(), conditional(), clustering(), ratings(),
		sequences(), text(),
	)
}

// Find returns presets by a list of names with commas between them. "all" is all of
// them, and "fast" those that together end within fifteen minutes.
func Find(names string) ([]Preset, error) {
	var out []Preset
	for _, name := range strings.Split(names, ",") {
		name = strings.TrimSpace(name)
		var found []Preset
		for _, p := range All() {
			if p.Name == name || name == "all" || name == "fast" && p.Fast {
				found = append(found, p)
			}
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("presets: %q is unknown: choose all, fast, or from %s", name, strings.Join(Names(), ", "))
		}
		for _, p := range found {
			if !slices.ContainsFunc(out, func(q Preset) bool { return q.Name == p.Name }) {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// Names lists the names of all presets.
func Names() []string {
	var names []string
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}
