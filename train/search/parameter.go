package search

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Parameter is a setting to search. Choice, Bool, Int and Float create one.
type Parameter struct {
	name    string
	kind    kind
	low     float64
	high    float64
	log     bool
	choices []any
	parent  string // the parameter that this one depends on, or ""
	when    []any  // the values of it for which this one is there
}

type kind int

const (
	choice kind = iota + 1
	integer
	float
)

// Choice is one of some values, which can be anything that JSON can express, such as
// texts or lists of sizes.
func Choice(name string, values ...any) Parameter {
	return Parameter{name: name, kind: choice, choices: values}
}

// Bool is false or true.
func Bool(name string) Parameter { return Choice(name, false, true) }

// Int is a whole number from low to high, both included.
func Int(name string, low, high int) Parameter {
	return Parameter{name: name, kind: integer, low: float64(low), high: float64(high)}
}

// Float is a number from low to high.
func Float(name string, low, high float64) Parameter {
	return Parameter{name: name, kind: float, low: low, high: high}
}

// Log makes equal factors equally likely, as for learning rates. Low must be above 0.
func (p Parameter) Log() Parameter {
	p.log = true
	return p
}

// When makes the parameter depend on another, which comes before it in the space. It is
// there only in trials in which the other has one of the values.
func (p Parameter) When(name string, values ...any) Parameter {
	p.parent, p.when = name, values
	return p
}

// Name is the parameter's name.
func (p Parameter) Name() string { return p.name }

// Choices are the values of a Choice, nil for a number.
func (p Parameter) Choices() []any { return slices.Clone(p.choices) }

// Bounds are those of a number, and whether its logarithm is searched.
func (p Parameter) Bounds() (low, high float64, log bool) { return p.low, p.high, p.log }

// MarshalJSON describes the parameter.
func (p Parameter) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    string   `json:"name"`
		Kind    string   `json:"kind"`
		Low     *float64 `json:"low,omitempty"`
		High    *float64 `json:"high,omitempty"`
		Log     bool     `json:"log,omitempty"`
		Choices []any    `json:"choices,omitempty"`
		Parent  string   `json:"parent,omitempty"`
		When    []any    `json:"when,omitempty"`
	}{p.name, map[kind]string{choice: "choice", integer: "int", float: "float"}[p.kind], p.bound(p.low), p.bound(p.high), p.log, p.choices, p.parent, p.when})
}

func (p Parameter) bound(v float64) *float64 {
	if p.kind == choice {
		return nil
	}
	return &v
}

// validate checks what does not depend on other parameters.
func (p Parameter) validate() error {
	switch {
	case p.name == "":
		return fmt.Errorf("a parameter has no name")
	case p.kind == 0:
		return fmt.Errorf("%q: create a parameter with Choice, Bool, Int or Float", p.name)
	case p.kind == choice && len(p.choices) == 0:
		return fmt.Errorf("%q: there is no value to choose", p.name)
	case p.kind == choice && p.log:
		return fmt.Errorf("%q: a choice has no logarithm", p.name)
	case p.kind != choice && !(p.low <= p.high) || math.IsInf(p.low, 0) || math.IsInf(p.high, 0):
		return fmt.Errorf("%q: %g to %g: want the lower bound first, both finite", p.name, p.low, p.high)
	case p.log && p.low <= 0:
		return fmt.Errorf("%q: %g to %g: a logarithm needs bounds above 0", p.name, p.low, p.high)
	}
	for i, v := range p.choices {
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("%q: choice %d: %w", p.name, i+1, err)
		}
		if at, _ := p.coordinate(v); int(at) != i {
			return fmt.Errorf("%q: choice %d is there twice: %s", p.name, i+1, text)
		}
	}
	return nil
}

// A coordinate is the number that methods work with: for a choice its index, for a
// number its place between the bounds, from 0 to 1.

// value is the value at a coordinate.
func (p Parameter) value(at float64) any {
	if p.kind == choice {
		return p.choices[min(max(int(at), 0), len(p.choices)-1)]
	}
	low, high := p.scale()
	v := low + min(max(at, 0), 1)*(high-low)
	if p.log {
		v = math.Exp(v)
	}
	if p.kind == integer {
		return int(min(max(math.Round(v), p.low), p.high))
	}
	return min(max(v, p.low), p.high)
}

// coordinate is the place of a value; ok is false if it is none of the parameter's.
func (p Parameter) coordinate(v any) (at float64, ok bool) {
	if p.kind == choice {
		i := slices.IndexFunc(p.choices, func(c any) bool { return same(c, v) })
		return float64(i), i >= 0
	}
	var x float64
	switch v := v.(type) {
	case int:
		x = float64(v)
	case float64:
		x = v
	default:
		return 0, false
	}
	if !(x >= p.low && x <= p.high) || p.kind == integer && x != math.Trunc(x) {
		return 0, false
	}
	low, high := p.scale()
	if p.log {
		x = math.Log(x)
	}
	if high == low {
		return 0.5, true
	}
	return (x - low) / (high - low), true
}

// scale has the bounds of coordinates 0 and 1. An integer has an interval of length 1
// around it, so that all are equally likely.
func (p Parameter) scale() (low, high float64) {
	low, high = p.low, p.high
	if p.kind == integer {
		low, high = low-0.5, high+0.5
	}
	if p.log {
		low, high = math.Log(low), math.Log(high)
	}
	return low, high
}

// snap moves a coordinate to that of the nearest value.
func (p Parameter) snap(at float64) float64 {
	if p.kind == float {
		return min(max(at, 0), 1)
	}
	at, _ = p.coordinate(p.value(at))
	return at
}

// same reports whether two values are the same in JSON.
func same(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}
