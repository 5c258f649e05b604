// Arguments that callers may forget: a set, a stream, a context. The error says what to give; nothing panics.

package data

import (
	"context"
	"errors"
)

var (
	errNoSet     = errors.New("no set: give one that Open, InMemory or NewImages returned")
	errNoStream  = errors.New("no stream: give one that FromSet or FromFunc returned")
	errNoContext = errors.New("no context: give context.Background()")
	errNoReader  = errors.New("no reader: give the file, or use the function that opens a path")
	errNoWriter  = errors.New("no writer: give a file, or use the function that saves to a path")
	errNotMade   = errors.New("batches: make them by NewBatches or NewStreamBatches")
)

// alive is the error of a context that is missing or done.
func alive(ctx context.Context) error {
	if ctx == nil {
		return errNoContext
	}
	return ctx.Err()
}

// missing is the stream for an argument that is missing or wrong: each Next returns the error.
type missing struct{ err error }

func (missing) Fields() []Field          { return nil }
func (m missing) Next([][]float32) error { return m.err }
func (missing) Position() Position       { return Position{} }
func (m missing) Seek(Position) error    { return m.err }
