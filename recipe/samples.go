package recipe

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// Samples are the samples of a recipe in their parts.
type Samples struct {
	// Train are the samples that the model is trained on.
	Train data.Set
	// Validation are those that watch the training; nil if there are none.
	Validation data.Set
	// Test are those that the model is tested on; nil if there are none.
	Test data.Set
	// Source says in one line where they are from.
	Source string
	// Classes are the names of the classes, if they have names.
	Classes []string
	// Schema describes a table; nil for anything else.
	Schema *data.Schema
	// Sequence describes texts and music; nil for anything else.
	Sequence *Sequence

	unbounded bool // values are not all in [0,1]
}

// Open opens the data of a recipe and parts them. log gets the progress of a download; nil
// means none.
func (r *Recipe) Open(ctx context.Context, log io.Writer) (*Samples, error) {
	if r.Preset != "" {
		return nil, fmt.Errorf("the preset %s opens its own data: name a file, folder or data set", r.Preset)
	}
	s, err := r.samples(ctx, log)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return s, nil
}

func (r *Recipe) samples(ctx context.Context, log io.Writer) (*Samples, error) {
	d := r.Data
	env := environment{r.DataDir, r.Seed, log}
	from, err := d.open(ctx, d.Source, nil, env)
	if err != nil {
		return nil, err
	}
	if d.Scale == "" {
		d.Scale = noScale
		if from.table {
			d.Scale = string(data.Standard)
		}
		r.Data.Scale = d.Scale
	}
	if from.sound && d.Window == 0 {
		d.Window, r.Data.Window = soundWindow, soundWindow
	}
	s := &Samples{Source: from.where, Classes: from.classes, Schema: from.schema, Sequence: from.sequence}
	s.Train, s.Test = from.train, from.test
	if d.Test != "" {
		d.known = from.sequence
		other, err := d.open(ctx, d.Test, from.schema, env)
		if err != nil {
			return nil, err
		}
		s.Test, s.Source = other.train, s.Source+"; to test on: "+other.where
	}
	if s.Train, err = d.view(s.Train); err != nil {
		return nil, err
	}
	if s.Test != nil {
		if s.Test, err = d.view(s.Test); err != nil {
			return nil, err
		}
	} else if s.Train, s.Test, err = d.part("testPart", s.Train, part(d.TestPart), r.Seed); err != nil {
		return nil, err
	}
	if from.validation != nil && d.Validation == nil {
		s.Validation = from.validation
	} else if s.Train, s.Validation, err = d.part("validation", s.Train, part(d.Validation), r.Seed+1); err != nil {
		return nil, err
	}
	if from.sound {
		r.Data.SampleRate, d.SampleRate, d.Window = from.rate, from.rate, 0 // they are windows
	}
	for i, set := range []*data.Set{&s.Train, &s.Validation, &s.Test} {
		if *set, err = d.windows(*set); err != nil {
			return nil, err
		}
		if *set, err = d.damaged(*set, r.Seed+uint64(i)); err != nil {
			return nil, err
		}
	}
	if r.Training.Batch == 0 {
		r.Training.Batch = batchFor(s.Train.Len())
	}
	return s, s.look(d)
}

// view limits and reshapes the samples.
func (d Data) view(set data.Set) (data.Set, error) {
	var err error
	if len(d.KeepClass) > 0 {
		if set, err = data.OfClasses(set, graph.InputLabel, d.KeepClass...); err != nil {
			return nil, fmt.Errorf("data.keepClass: %w", err)
		}
	}
	if len(d.Shape) > 0 {
		if set, err = data.Reshape(set, graph.InputX, d.Shape...); err != nil {
			return nil, fmt.Errorf("data.shape: %w", err)
		}
	}
	if d.Limit > 0 {
		set = data.Limit(set, d.Limit)
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("%s: no samples are left", d.Source)
	}
	return set, nil
}

// part holds a part of the samples out.
func (d Data) part(key string, set data.Set, fraction float64, seed uint64) (rest, held data.Set, err error) {
	if fraction == 0 {
		return set, nil, nil
	}
	o := data.SplitOptions{Seed: seed}
	if d.Split == "classes" {
		o.Fraction, o.Stratify = fraction, graph.InputLabel
	} else {
		o.Count = max(1, int(math.Round(fraction*float64(set.Len()))))
		o.InOrder = d.Split == "order" || d.Split == "" && d.Window > 0
	}
	if set.Len() < 2 {
		return nil, nil, fmt.Errorf("data.%s: %d samples cannot be parted: set it to 0, or use more samples", key, set.Len())
	}
	if o.Count >= set.Len() {
		return nil, nil, fmt.Errorf("data.%s: %g of %d samples leaves none to train on", key, fraction, set.Len())
	}
	rest, held, err = data.Split(set, o)
	if err != nil {
		return nil, nil, fmt.Errorf("data.%s: %w", key, err)
	}
	return rest, held, nil
}

// windows cuts a time series into windows.
func (d Data) windows(set data.Set) (data.Set, error) {
	if d.Window == 0 || set == nil {
		return set, nil
	}
	if set.Len() < d.Window {
		return nil, fmt.Errorf("data.window: %d steps do not fit into a part of %d steps: use a shorter window, or set data.validation and data.testPart", d.Window, set.Len())
	}
	w, err := data.NewWindows(set, data.WindowOptions{Length: d.Window, Stride: d.Stride, StepsFirst: d.StepsFirst, CoverEnd: true})
	if err != nil {
		return nil, fmt.Errorf("data.window: %w", err)
	}
	return w, nil
}

// look finds out whether values leave [0,1].
func (s *Samples) look(d Data) error {
	if s.Sequence.texts() {
		return nil
	}
	switch data.ScaleKind(d.Scale) {
	case data.MinMax, data.SampleMinMax:
		return nil
	case noScale:
	default:
		s.unbounded = true
		return nil
	}
	x, err := data.ArrayOf(data.Limit(s.Train, 200), graph.InputX)
	if err != nil {
		return err
	}
	for _, v := range x.Values {
		s.unbounded = s.unbounded || v < 0 || v > 1
	}
	return nil
}

// field is a field of the samples.
func (s *Samples) field(name string) (data.Field, error) { return data.FieldOf(s.Train, name) }
