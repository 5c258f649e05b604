package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/data"
)

// fitScalers fits the scalers of the options to the samples that are trained on.
func (t *Trainer) fitScalers(set data.Set) error {
	fitted := maps.Clone(t.o.Scalers)
	for _, field := range slices.Sorted(maps.Keys(t.o.Scale)) {
		if fitted[field] != nil {
			return fmt.Errorf("the field %q has a scaler in Options.Scalers, and Options.Scale asks for another", field)
		}
		s, err := data.FitScaler(set, field, t.o.Scale[field])
		if err != nil {
			return fmt.Errorf("Options.Scale: %w", err)
		}
		if fitted == nil {
			fitted = map[string]*data.Scaler{}
		}
		fitted[field] = s
	}
	t.o.Scale, t.o.Scalers = nil, fitted
	return nil
}

// scaled returns a set with its fields scaled.
func (o Options) scaled(set data.Set) (data.Set, error) {
	if set == nil {
		return nil, nil
	}
	for _, field := range slices.Sorted(maps.Keys(o.Scalers)) {
		s := o.Scalers[field]
		if s == nil {
			return nil, fmt.Errorf("Options.Scalers: the scaler of %q is nil", field)
		}
		var err error
		if set, err = s.Apply(set); err != nil {
			return nil, fmt.Errorf("the scaler of %q: %w", field, err)
		}
	}
	return set, nil
}

// scalersJSON returns the scalers as JSON, nil if there are none.
func (o Options) scalersJSON() (json.RawMessage, error) {
	if len(o.Scalers) == 0 {
		return nil, nil
	}
	return json.Marshal(o.Scalers)
}

// scaledStream returns a stream with its fields scaled.
func (o Options) scaledStream(stream data.Stream) (data.Stream, error) {
	if len(o.Scale) > 0 {
		return nil, errors.New("Options.Scale fits scalers to a set: for a stream, fit them to some of its samples with data.FitScaler, and set Options.Scalers")
	}
	for _, field := range slices.Sorted(maps.Keys(o.Scalers)) {
		s := o.Scalers[field]
		if s == nil {
			return nil, fmt.Errorf("Options.Scalers: the scaler of %q is nil", field)
		}
		stream = s.ApplyStream(stream)
	}
	return stream, nil
}

// Unscaled brings values of a field from the net's range, such as those of Validation and
// of reconstructions, back to that of the samples, one sample after another. Values of a
// field without a scaler, or with one that cannot be undone, stay as they are.
func (r *Run) Unscaled(field string, values []float32) []float32 {
	if s := r.f.o.Scalers[field]; s != nil {
		if back, err := s.Undo(values); err == nil {
			return back
		}
	}
	return values
}
