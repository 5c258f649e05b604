// Scalers: fields of measurements brought to one scale, and back.

package data

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A ScaleKind says what a Scaler computes.
type ScaleKind string

// The kinds. Those of a sample take their numbers from each sample by itself; all others are fitted to a set.
const (
	Standard       ScaleKind = "standard"        // (v - mean) / deviation
	MinMax         ScaleKind = "min-max"         // from [least, greatest] to [ScaleOptions.Min, ScaleOptions.Max]
	Robust         ScaleKind = "robust"          // (v - median) / interquartile range
	Log            ScaleKind = "log"             // log(1 + v), for v above -1
	SampleStandard ScaleKind = "sample standard" // (v - mean) / deviation
	SampleMinMax   ScaleKind = "sample min-max"  // from [least, greatest] to [ScaleOptions.Min, ScaleOptions.Max]
)

// A ScalePer says which values of a sample are scaled together.
type ScalePer string

// Each value by itself, such as a column of a table; those of a channel, the first axis of the shape; all of a sample.
const (
	PerValue   ScalePer = "value"
	PerChannel ScalePer = "channel"
	PerAll     ScalePer = "all"
)

// ScaleOptions are the options of FitScaler.
type ScaleOptions struct {
	// Kind is what is computed; "": Standard.
	Kind ScaleKind
	// Per says which values are scaled together; "": PerValue, or PerAll for the kinds of a sample.
	Per ScalePer
	// Min and Max are the range of MinMax and SampleMinMax; both 0: 0 and 1.
	Min, Max float64
	// LogFirst takes log(1 + v) of each value before it is scaled.
	LogFirst bool
}

// A Scaler brings a field to a scale that was fitted to a set, the training set as a rule, and brings values back. It
// goes through JSON without loss, to be kept with a model.
type Scaler struct {
	field    Field
	kind     ScaleKind
	per      ScalePer
	log      bool
	min, max float64
	// A value v of part g becomes (v - center[g]) / width[g] + min. Both are nil for a kind of a sample.
	center, width []float64
	factor        []float64 // 1 / width: a product takes less time than a quotient
}

// FitScaler returns the scaler of a field, fitted to a set. A part, see ScalePer, that is the same in all samples, or
// for Robust in the middle half of them, keeps its width: it only moves. A value that is not finite, or not above -1
// under a logarithm, is an error that names the sample.
func FitScaler(set Set, field string, opts ScaleOptions) (*Scaler, error) {
	s, err := fitScaler(set, field, opts)
	if err != nil {
		return nil, fmt.Errorf("scaler: %w", err)
	}
	return s, nil
}

func fitScaler(set Set, field string, opts ScaleOptions) (*Scaler, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, err
	}
	at, err := find(in.fields, field)
	if err != nil {
		return nil, err
	}
	s := &Scaler{field: in.fields[at], kind: opts.Kind, per: opts.Per, log: opts.LogFirst, min: opts.Min, max: opts.Max}
	if s.field.Classes > 0 {
		return nil, fmt.Errorf("field %s is not of measurements: make it one-hot by OneHot", s.field)
	}
	if s.kind == "" {
		s.kind = Standard
	}
	if s.per == "" {
		if s.per = PerValue; s.ofSample() {
			s.per = PerAll
		}
	}
	if s.kind == Log {
		s.log = true
	}
	if s.ranged() && s.min == 0 && s.max == 0 {
		s.max = 1
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if set.Len() < 1 {
		return nil, fmt.Errorf("field %q: there is no sample to fit to", field)
	}
	if s.center, s.width, err = s.fit(set); err != nil {
		return nil, err
	}
	s.factor = inverses(s.width)
	return s, nil
}

// check checks what does not come from samples.
func (s *Scaler) check() error {
	kinds := []ScaleKind{Standard, MinMax, Robust, Log, SampleStandard, SampleMinMax}
	if !slices.Contains(kinds, s.kind) {
		return fmt.Errorf("there is no kind %q: the kinds are %q", s.kind, kinds)
	}
	if pers := []ScalePer{PerValue, PerChannel, PerAll}; !slices.Contains(pers, s.per) {
		return fmt.Errorf("nothing is scaled per %q: choose one of %q", s.per, pers)
	}
	if s.ofSample() && s.parts() == s.field.Size() && s.parts() > 0 {
		return fmt.Errorf("field %s: %s needs several values, and per %s each is alone: use PerAll", s.field, s.kind, s.per)
	}
	if s.ranged() && !(s.min < s.max && finite(s.min) && finite(s.max)) {
		return fmt.Errorf("the Min is %g and Max is %g: want Min below Max", s.min, s.max)
	}
	if !s.ranged() && (s.min != 0 || s.max != 0) {
		return fmt.Errorf("%s has no Min and Max: leave them 0", s.kind)
	}
	return nil
}

func (s *Scaler) ofSample() bool { return s.kind == SampleStandard || s.kind == SampleMinMax }
func (s *Scaler) ranged() bool   { return s.kind == MinMax || s.kind == SampleMinMax }

// parts is the number of parts of a sample that are scaled each by itself.
func (s *Scaler) parts() int {
	switch {
	case s.per == PerValue:
		return s.field.Size()
	case s.per == PerChannel && len(s.field.Shape) > 0:
		return s.field.Shape[0]
	default:
		return 1
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// String says what the scaler computes of which field.
func (s *Scaler) String() string {
	if s.made() != nil {
		return "no scaler"
	}
	log := ""
	if s.log && s.kind != Log {
		log = " of log(1 + v)"
	}
	return fmt.Sprintf("%s%s of %s, per %s", s.kind, log, s.field, s.per)
}

// Apply returns a set whose field is scaled. It needs as many values as that of the set that the scaler was fitted to.
func (s *Scaler) Apply(set Set) (Set, error) {
	out, err := s.apply(set)
	if err != nil {
		return nil, fmt.Errorf("scaler: %w", err)
	}
	return out, nil
}

func (s *Scaler) apply(set Set) (Set, error) {
	in, err := layoutOf(set)
	if err != nil {
		return nil, err
	}
	if err := s.made(); err != nil {
		return nil, err
	}
	at, err := s.fits(in)
	if err != nil {
		return nil, err
	}
	f := in.fields[at]
	made := Field{Name: f.Name, Shape: f.Shape}
	return derive(set, []Field{made}, 0, func(i int, _ *rand.Rand, from, to [][]float32) error {
		if err := s.transform(to[0], from[at]); err != nil {
			return fmt.Errorf("field %q: sample %d: %w", f.Name, i, err)
		}
		return nil
	})
}

// fits is the place of the scaler's field among others.
func (s *Scaler) fits(in *layout) (int, error) {
	at, err := find(in.fields, s.field.Name)
	if err != nil {
		return 0, err
	}
	if f := in.fields[at]; in.sizes[at] != s.field.Size() || s.per == PerChannel && !slices.Equal(f.Shape, s.field.Shape) {
		return 0, fmt.Errorf("field %s: the scaler was fitted to %s", f, s.field)
	}
	return at, nil
}

var errNoScaler = errors.New("no scaler: make it by FitScaler, or read it from JSON")

func (s *Scaler) made() error {
	if s == nil || s.kind == "" {
		return errNoScaler
	}
	return nil
}

// Transform scales the values of the field of some samples, one sample after another, as a new slice.
func (s *Scaler) Transform(values []float32) ([]float32, error) {
	return s.each(values, s.transform)
}

// Undo brings scaled values back, those of some samples, one after another, as a new slice. It is the inverse of
// Transform, up to rounding. Scaling by each sample's own numbers cannot be undone: that is an error.
func (s *Scaler) Undo(values []float32) ([]float32, error) {
	return s.each(values, s.undo)
}

func (s *Scaler) each(values []float32, f func(to, from []float32) error) ([]float32, error) {
	if err := s.made(); err != nil {
		return nil, err
	}
	size := s.field.Size()
	if len(values)%size != 0 {
		return nil, fmt.Errorf("scaler: %d values are not a whole number of samples of %s, which has %d", len(values), s.field, size)
	}
	to := make([]float32, len(values))
	for i := 0; i < len(values); i += size {
		if err := f(to[i:i+size], values[i:i+size]); err != nil {
			return nil, fmt.Errorf("scaler: sample %d: %w", i/size, err)
		}
	}
	return to, nil
}

// transform scales one sample. to may be from.
func (s *Scaler) transform(to, from []float32) error {
	if err := s.checkDomain(from); err != nil {
		return err
	}
	parts := s.parts()
	if parts == len(from) && !s.log { // in one loop, for speed
		to, center, factor := to[:len(from)], s.center[:len(from)], s.factor[:len(from)]
		low := s.min
		for k, v := range from {
			to[k] = float32(float64((float64(v)-center[k])*factor[k]) + low)
		}
		return nil
	}
	n := len(from) / parts
	for g := range parts {
		to, from := to[g*n:(g+1)*n], from[g*n:(g+1)*n]
		var center, factor float64
		if s.ofSample() {
			var m moments
			for _, v := range from {
				m.add(s.value(v))
			}
			var width float64
			center, width = s.scale(&m)
			factor = inverse(width)
		} else {
			center, factor = s.center[g], s.factor[g]
		}
		low := s.min
		if s.log {
			for k, v := range from {
				to[k] = float32(float64((math.Log1p(float64(v))-center)*factor) + low)
			}
			continue
		}
		for k, v := range from {
			to[k] = float32(float64((float64(v)-center)*factor) + low)
		}
	}
	return nil
}

// inverse is 1 / width, of a width above 0, and finite.
func inverse(width float64) float64 { return min(1/width, math.MaxFloat64) }

func inverses(widths []float64) (factors []float64) {
	for _, w := range widths {
		factors = append(factors, inverse(w))
	}
	return factors
}

// undo is the inverse of transform. to may be from.
func (s *Scaler) undo(to, from []float32) error {
	if s.ofSample() {
		return fmt.Errorf("%s cannot be undone: a sample's own numbers are not kept; fit a kind that is not of a sample", s.kind)
	}
	parts := s.parts()
	n := len(from) / parts
	for k, v := range from {
		u := (float64(v)-s.min)*s.width[k/n] + s.center[k/n]
		if s.log {
			u = math.Expm1(u)
		}
		to[k] = float32(u)
	}
	return nil
}

// value is a value before it is scaled.
func (s *Scaler) value(v float32) float64 {
	if !s.log {
		return float64(v)
	}
	return math.Log1p(float64(v))
}

// checkDomain checks that all values have the logarithm that is taken of them.
func (s *Scaler) checkDomain(values []float32) error {
	if !s.log {
		return nil
	}
	for k, v := range values {
		if v <= -1 {
			return fmt.Errorf("value %d is %g and has no log(1 + v): values must be above -1", k, v)
		}
	}
	return nil
}
