// Sound: what a wav file has, and windows of it as samples.

package data

import (
	"errors"
	"fmt"
)

// A WAV is the sound of a wav file.
type WAV struct {
	Name     string // where it was read from, for errors
	Rate     int    // the sample rate: steps in a second
	Channels int    // numbers in a step: 1 for mono, 2 for stereo
	// Values are the amplitudes, step by step, the channels of a step side by side. Integers in the file become numbers
	// from -1 to 1; floats are as they are in the file.
	Values []float32
}

// Len is the number of steps.
func (w *WAV) Len() int {
	if w == nil || w.Channels < 1 {
		return 0
	}
	return len(w.Values) / w.Channels
}

// Seconds is the length in seconds.
func (w *WAV) Seconds() float64 {
	if w == nil || w.Rate < 1 {
		return 0
	}
	return float64(w.Len()) / float64(w.Rate)
}

// Windows returns a set of windows of n steps, x [channels, n]. Each begins stride steps after the one before; 0 stands
// for n, so that the windows lie end to end. What remains at the end is left out. The set reads the values in place.
func (w *WAV) Windows(n, stride int) (Set, error) {
	if w == nil {
		return nil, errors.New("wav: no sound: give one that OpenWAV returned")
	}
	if stride == 0 {
		stride = n
	}
	if n < 1 || stride < 1 {
		return nil, fmt.Errorf("%s: windows of %d steps every %d steps: both are at least 1", w.Name, n, stride)
	}
	if w.Channels < 1 || w.Channels > maxChannels || len(w.Values)%w.Channels != 0 {
		return nil, fmt.Errorf("%s: %d values are not a whole number of steps of %d channels", w.Name, len(w.Values), w.Channels)
	}
	if n > w.Len() {
		return nil, fmt.Errorf("%s: a window of %d steps in a sound of %d: make the window shorter", w.Name, n, w.Len())
	}
	l, err := newLayout([]Field{{Name: "x", Shape: []int{w.Channels, n}}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Name, err)
	}
	return &soundWindows{l, w.Values, w.Channels, n, stride, (w.Len()-n)/stride + 1}, nil
}

// soundWindows are windows of a sound.
type soundWindows struct {
	*layout
	values                 []float32
	channels, n, stride, m int // m windows
}

func (s *soundWindows) Len() int { return s.m }

func (s *soundWindows) Read(i int, to [][]float32) error {
	if err := s.check("windows of a sound", i, s.m, to); err != nil {
		return err
	}
	from := s.values[i*s.stride*s.channels:]
	for c := range s.channels {
		line := to[0][c*s.n : (c+1)*s.n]
		for t := range line {
			line[t] = from[t*s.channels+c]
		}
	}
	return nil
}
