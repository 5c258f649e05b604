// Streams, scaled.

package data

import "fmt"

// ApplyStream returns a stream whose field is scaled, as Apply returns a set. The stream must not be used otherwise
// while the result is in use. If it has no such field, Next returns an error.
func (s *Scaler) ApplyStream(stream Stream) Stream {
	out, err := s.applyStream(stream)
	if err != nil {
		return missing{fmt.Errorf("scaler: %w", err)}
	}
	return out
}

func (s *Scaler) applyStream(stream Stream) (Stream, error) {
	if stream == nil {
		return nil, errNoStream
	}
	if m, ok := stream.(missing); ok {
		return m, nil
	}
	if err := s.made(); err != nil {
		return nil, err
	}
	l, err := newLayout(stream.Fields())
	if err != nil {
		return nil, err
	}
	at, err := s.fits(l)
	if err != nil {
		return nil, err
	}
	l.fields[at].Classes = 0
	return &scaledStream{stream, l, s, at}, nil
}

type scaledStream struct {
	Stream
	layout *layout
	scaler *Scaler
	at     int // the field
}

func (s *scaledStream) Fields() []Field { return s.layout.Fields() }

func (s *scaledStream) Next(to [][]float32) error {
	p := s.Position()
	if err := s.Stream.Next(to); err != nil {
		return err
	}
	if err := s.scaler.transform(to[s.at], to[s.at]); err != nil {
		return readError(fmt.Errorf("field %q: %w", s.layout.fields[s.at].Name, err), p.Next, p.Epoch)
	}
	return nil
}
