// Scalers as JSON.

package data

import (
	"encoding/json"
	"errors"
	"fmt"
)

// scalerJSON is a scaler as it is written.
type scalerJSON struct {
	Field  string    `json:"field"`
	Shape  []int     `json:"shape"`
	Kind   ScaleKind `json:"kind"`
	Per    ScalePer  `json:"per"`
	Log    bool      `json:"log,omitzero"`
	Min    float64   `json:"min,omitzero"`
	Max    float64   `json:"max,omitzero"`
	Center []float64 `json:"center,omitzero"`
	Width  []float64 `json:"width,omitzero"`
}

// MarshalJSON writes all of the scaler; its numbers come back bit by bit.
func (s *Scaler) MarshalJSON() ([]byte, error) {
	if err := s.made(); err != nil {
		return nil, err
	}
	return json.Marshal(scalerJSON{s.field.Name, s.field.Shape, s.kind, s.per, s.log, s.min, s.max, s.center, s.width})
}

// UnmarshalJSON reads a scaler and checks it.
func (s *Scaler) UnmarshalJSON(text []byte) error {
	var j scalerJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return fmt.Errorf("scaler: %w", err)
	}
	read := Scaler{Field{Name: j.Field, Shape: j.Shape}, j.Kind, j.Per, j.Log, j.Min, j.Max, j.Center, j.Width, inverses(j.Width)}
	if err := read.checkRead(); err != nil {
		return fmt.Errorf("scaler: %w", err)
	}
	*s = read
	return nil
}

func (s *Scaler) checkRead() error {
	if err := s.field.check(); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	if s.kind == Log && !s.log {
		return errors.New("the kind is log, but log is false")
	}
	want := s.parts()
	if s.ofSample() {
		want = 0
	}
	if len(s.center) != want || len(s.width) != want {
		return fmt.Errorf("there are %d centers and %d widths: %s needs %d", len(s.center), len(s.width), s, want)
	}
	for g := range s.width {
		if !finite(s.center[g]) || !finite(s.width[g]) || s.width[g] <= 0 {
			return fmt.Errorf("center %d is %g and its width %g: want finite numbers, and a width above 0", g, s.center[g], s.width[g])
		}
	}
	return nil
}
