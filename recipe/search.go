package recipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/figure"
	"github.com/stheno-ml/stheno/train/search"
	"github.com/stheno-ml/stheno/vm"
)

// SearchOptions are the settings of a search. Only Dir has no default.
type SearchOptions struct {
	// Dir is the folder of the search. A search that was interrupted goes on from it.
	Dir string
	// Trials is the number of trials; 0 means 30.
	Trials int
	// Metric is the number of the validation to compare; "" means the loss.
	Metric string
	// Maximize looks for the largest value.
	Maximize bool
	// Prune ends trials early that are worse than others were.
	Prune bool
	// Log receives a line for each trial; nil means none.
	Log io.Writer
}

// Axis reads what to search of a key, such as "rate=0.0001..0.01" or
// "activation=relu|tanh": a range of numbers, or choices. A range over a factor of a
// hundred or more is searched by its logarithm.
func Axis(text string) (search.Parameter, error) {
	key, values, ok := strings.Cut(text, "=")
	if !ok || values == "" {
		return search.Parameter{}, fmt.Errorf("%q: want KEY=LOW..HIGH or KEY=ONE|OTHER", text)
	}
	key, err := Resolve(key)
	if err != nil {
		return search.Parameter{}, err
	}
	from, to, isRange := strings.Cut(values, "..")
	if !isRange {
		var choices []any
		for _, c := range strings.Split(values, "|") {
			choices = append(choices, c)
		}
		return search.Choice(key, choices...), nil
	}
	low, err := strconv.ParseFloat(from, 64)
	high, highErr := strconv.ParseFloat(to, 64)
	if err != nil || highErr != nil || !(low < high) {
		return search.Parameter{}, fmt.Errorf("%q: %s to %s is no range of numbers from a low to a high one", text, from, to)
	}
	p := search.Float(key, low, high)
	if a, err := strconv.Atoi(from); err == nil {
		if b, err := strconv.Atoi(to); err == nil {
			p = search.Int(key, a, b)
		}
	}
	if low > 0 && high/low >= 100 {
		p = p.Log()
	}
	return p, nil
}

// Search looks for the settings in a space with the best validation; see Axis and package
// search.
func (r *Recipe) Search(ctx context.Context, space search.Space, o SearchOptions) (*search.Result, error) {
	switch {
	case r.Preset != "":
		return nil, fmt.Errorf("the preset %s trains as it was published: write a configuration to search", r.Preset)
	case o.Dir == "":
		return nil, errors.New("the search has no folder: name one")
	case len(space) == 0:
		return nil, errors.New("there is nothing to search: want a key with a range or choices")
	}
	s, err := r.Open(ctx, o.Log)
	if err != nil {
		return nil, err
	}
	text, err := r.YAML() // with what the samples have decided
	if err != nil {
		return nil, err
	}
	if s.Validation == nil {
		return nil, errors.New("a search compares by validation samples: set data.validation above 0")
	}
	build := func(v search.Values) (train.Model, train.Options, error) {
		var settings []Setting
		for _, p := range space {
			if value, ok := v[p.Name()]; ok {
				settings = append(settings, Setting{Key: p.Name(), Value: fmt.Sprint(value)})
			}
		}
		trial, err := Parse(text, r.name, settings...)
		if err != nil {
			return nil, train.Options{}, err
		}
		if err := trial.Model.fit(s); err != nil {
			return nil, train.Options{}, err
		}
		if err := trial.checkModel(s); err != nil {
			return nil, train.Options{}, err
		}
		options, err := trial.options()
		return trial.Model.Value, options, err
	}
	b, err := r.backend()
	if err != nil {
		return nil, err
	}
	settings := search.Options{
		Trials: o.Trials, Seed: r.Seed, Dir: o.Dir, Metric: o.Metric, Maximize: o.Maximize, Log: o.Log, Backends: []vm.Backend{b},
	}
	if o.Prune {
		settings.Median = &search.Median{}
	}
	result, err := search.Run(ctx, space, build, s.Train, s.Validation, settings)
	if err != nil {
		return result, err
	}
	return result, figure.Search(filepath.Join(o.Dir, "search.png"), result)
}
