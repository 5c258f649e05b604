// Transposition: music in another key.

package data

import (
	"fmt"
	"math/rand/v2"
)

// A Transpose moves all notes of a piano roll, a field [steps, 88], by a number of semitones that is drawn for each
// sample. A sample whose notes would leave the piano stays as it is.
type Transpose struct {
	Fields []string // piano rolls; none: "x"
	Most   int      // semitones, up and down, at least 1
}

func (a Transpose) prepare(in *layout) (change, error) {
	at, err := chosen(in, a.Fields)
	if err != nil {
		return nil, err
	}
	for _, k := range at {
		if f := in.fields[k]; len(f.Shape) != 2 || f.Shape[1] != PianoKeys {
			return nil, fmt.Errorf("the field %s is no piano roll: want [steps, %d]", f, PianoKeys)
		}
	}
	if a.Most < 1 || a.Most >= PianoKeys {
		return nil, fmt.Errorf("the Most is %d: want 1 to %d semitones", a.Most, PianoKeys-1)
	}
	var g splitMix
	r := rand.New(&g)
	return func(b *Batch, d draws) error {
		for i := range b.N {
			g = d.of(i)
			shift := r.IntN(2*a.Most+1) - a.Most
			for _, k := range at {
				transpose(b.at(i)[k], shift)
			}
		}
		return nil
	}, nil
}

// transpose moves the notes of a piano roll, unless one would leave the piano.
func transpose(roll []float32, shift int) {
	for i, v := range roll {
		if key := i%PianoKeys + shift; v != 0 && (key < 0 || key >= PianoKeys) {
			return
		}
	}
	if shift > 0 {
		for i := len(roll) - 1; i >= 0; i-- {
			roll[i] = 0
			if i%PianoKeys >= shift {
				roll[i] = roll[i-shift]
			}
		}
		return
	}
	for i := range roll {
		to := float32(0)
		if i%PianoKeys-shift < PianoKeys {
			to = roll[i-shift]
		}
		roll[i] = to
	}
}
