// A figure that may be unknown.

package report

import (
	"bytes"
	"encoding/json"
)

// Opt is a figure that may be unknown. Its zero value is unknown, and is null in
// JSON, so that a figure that was not measured is never taken for a measured 0.
type Opt[T any] struct {
	value T
	known bool
}

// Known returns a figure that is known to be v.
func Known[T any](v T) Opt[T] { return Opt[T]{v, true} }

// Get returns the figure, and whether it is known.
func (o Opt[T]) Get() (v T, known bool) { return o.value, o.known }

// MarshalJSON writes the figure, or null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.known {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads the figure, or null.
func (o *Opt[T]) UnmarshalJSON(text []byte) error {
	*o = Opt[T]{}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	if err := json.Unmarshal(text, &o.value); err != nil {
		return err
	}
	o.known = true
	return nil
}
