package train

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/stheno-ml/stheno/data"
)

// savedState is what a checkpoint holds of a training, apart from the parameters.
type savedState struct {
	Settings   []setting       `json:"settings"`
	Made       []setting       `json:"made"` // by which versions and machine
	Position   data.Position   `json:"position"`
	FirstEpoch int             `json:"first_epoch"`
	Steps      int             `json:"steps"`
	Current    savedEpoch      `json:"current"`
	Means      savedMeans      `json:"means"`
	Last       savedStep       `json:"last"`
	History    []savedEpoch    `json:"history"`
	Factors    factors         `json:"factors"`
	Best       []bestStep      `json:"best,omitempty"`
	Skipped    []Skip          `json:"skipped,omitempty"`
	Stopped    string          `json:"stopped,omitempty"`
	StopAt     int             `json:"stop_at,omitempty"`
	Callbacks  []savedCallback `json:"callbacks,omitempty"`
}

// check returns an error for counts that no training has.
func (s savedState) check() error {
	for _, c := range []struct {
		what string
		n    int
	}{
		{"steps", s.Steps}, {"epochs before it", s.FirstEpoch}, {"epochs", s.Position.Epoch}, {"samples of the epoch", s.Position.Next},
		{"steps of the epoch", s.Current.Steps}, {"samples of its means", s.Means.N},
	} {
		if c.n < 0 || c.n > 1<<53 {
			return fmt.Errorf("the state of the training has %d %s", c.n, c.what)
		}
	}
	if s.Current.Steps > s.Steps {
		return fmt.Errorf("the state of the training has %d steps in the epoch and %d in all", s.Current.Steps, s.Steps)
	}
	return nil
}

// setting is a named setting of a training.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// savedCallback is the state of a callback.
type savedCallback struct {
	Type  string          `json:"type"`
	State json.RawMessage `json:"state"`
}

// savedEpoch is an Epoch without what depends on the time or the process.
type savedEpoch struct {
	Epoch      int               `json:"epoch"`
	Steps      int               `json:"steps"`
	Partial    bool              `json:"partial,omitempty"`
	First      number            `json:"first"`
	Loss       number            `json:"loss"`
	Metrics    map[string]number `json:"metrics,omitempty"`
	Validation map[string]number `json:"validation,omitempty"`
	Extra      map[string]number `json:"extra,omitempty"`
}

// savedStep are the numbers of the latest step.
type savedStep struct {
	Names   []string      `json:"names,omitempty"`
	Values  []number      `json:"values,omitempty"`
	Samples int           `json:"samples,omitempty"`
	Scalars []savedScalar `json:"scalars,omitempty"`
}

type savedScalar struct {
	Input string `json:"input"`
	Value number `json:"value"`
}

// last returns the numbers of the latest step as a checkpoint holds them.
func (r *Run) last() savedStep {
	s := savedStep{Names: r.names, Samples: r.Samples}
	for _, v := range r.Values {
		s.Values = append(s.Values, number(v))
	}
	for _, v := range r.scalars {
		s.Scalars = append(s.Scalars, savedScalar{v.input, number(v.value)})
	}
	return s
}

// restoreLast sets the numbers of the latest step.
func (r *Run) restoreLast(s savedStep) {
	r.names, r.Samples, r.Values, r.scalars = s.Names, s.Samples, nil, nil
	for _, v := range s.Values {
		r.Values = append(r.Values, float64(v))
	}
	for _, v := range s.Scalars {
		r.scalars = append(r.scalars, setScalar{v.Input, float64(v.Value)})
	}
}

// savedMeans are the means over an epoch in progress.
type savedMeans struct {
	Names []string `json:"names,omitempty"`
	Sums  []number `json:"sums,omitempty"`
	N     int      `json:"n,omitempty"`
}

// number is a float64 that keeps its bits in JSON, where it need not be finite.
type number float64

// MarshalJSON writes a number, or a text such as "NaN".
func (n number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if finite(v) {
		return json.Marshal(v)
	}
	return json.Marshal(strconv.FormatFloat(v, 'g', -1, 64))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *number) UnmarshalJSON(text []byte) error {
	var v float64
	if err := json.Unmarshal(text, &v); err == nil {
		*n = number(v)
		return nil
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !math.IsNaN(v) && !math.IsInf(v, 0) {
		return fmt.Errorf("%q is not a number", s)
	}
	*n = number(v)
	return nil
}

func numbers(m map[string]float64) map[string]number {
	if m == nil {
		return nil
	}
	out := make(map[string]number, len(m))
	for k, v := range m {
		out[k] = number(v)
	}
	return out
}

func floats(m map[string]number) map[string]float64 {
	if m == nil {
		return nil
	}
	out := make(map[string]float64, len(m))
	for k, v := range m {
		out[k] = float64(v)
	}
	return out
}

func (e Epoch) saved() savedEpoch {
	return savedEpoch{e.Epoch, e.Steps, e.Partial, number(e.First), number(e.Loss), numbers(e.Metrics), numbers(e.Validation), numbers(e.Extra)}
}

func (e savedEpoch) epoch() Epoch {
	return Epoch{Epoch: e.Epoch, Steps: e.Steps, Partial: e.Partial, First: float64(e.First), Loss: float64(e.Loss), Metrics: floats(e.Metrics), Validation: floats(e.Validation), Extra: floats(e.Extra)}
}

// saved returns the means as a checkpoint holds them.
func (m *means) saved() savedMeans {
	s := savedMeans{Names: m.names, N: m.n}
	for _, v := range m.sums {
		s.Sums = append(s.Sums, number(v))
	}
	return s
}

func (s savedMeans) means() (m means, err error) {
	if len(s.Names) != len(s.Sums) || (s.N > 0) != (len(s.Sums) > 0) {
		return m, fmt.Errorf("%d names for %d means over %d samples", len(s.Names), len(s.Sums), s.N)
	}
	m = means{names: s.Names, n: s.N}
	for _, v := range s.Sums {
		m.sums = append(m.sums, float64(v))
	}
	return m, nil
}
