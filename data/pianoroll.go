// Piano rolls: music as the notes that sound at each step.

package data

import (
	"fmt"
	"io"
)

// PianoKeys is the number of keys of a piano, and of features of a piano roll.
const PianoKeys = 88

// lowestPitch is the MIDI pitch of a piano's first key.
const lowestPitch = 21

// OpenPianoRolls reads the JSON file at path. See ReadPianoRolls.
func OpenPianoRolls(path string) (map[string]Set, error) {
	parts, err := OpenMusic(path)
	if err != nil {
		return nil, err
	}
	return rollsOf(parts, path)
}

// ReadPianoRolls reads music as ReadMusic does; each part becomes a set by PianoRoll, whose steps are those of the part's
// longest piece.
func ReadPianoRolls(r io.Reader, name string) (map[string]Set, error) {
	parts, err := ReadMusic(r, name)
	if err != nil {
		return nil, err
	}
	return rollsOf(parts, name)
}

func rollsOf(parts map[string][]Piece, name string) (map[string]Set, error) {
	sets := map[string]Set{}
	for part, pieces := range parts {
		set, err := PianoRoll(pieces, 0)
		if err != nil {
			return nil, fmt.Errorf("%s: part %q: %w", name, part, err)
		}
		sets[part] = set
	}
	return sets, nil
}

// PianoRoll returns a set of pieces with the fields "x" [steps, 88], which is 1 where a key sounds, else 0, and "lengths".
// If steps is 0, it is the length of the longest piece; a piece that does not fit is an error.
func PianoRoll(pieces []Piece, steps int) (Set, error) {
	longest, at := 1, 0
	for i, piece := range pieces {
		if len(piece) > longest {
			longest, at = len(piece), i
		}
	}
	switch {
	case steps < 0:
		return nil, fmt.Errorf("%d steps: want at least 1, or 0 for those of the longest piece", steps)
	case steps == 0:
		steps = longest
	case longest > steps:
		return nil, fmt.Errorf("piece %d has %d steps, but there are %d: give more, or cut the piece", at, longest, steps)
	}
	if len(pieces) > maxVolume/PianoKeys/steps {
		return nil, fmt.Errorf("%d pieces of %d steps have more than %d values", len(pieces), steps, maxVolume)
	}
	x := Array{Name: "x", Shape: []int{steps, PianoKeys}, Values: make([]float32, len(pieces)*steps*PianoKeys)}
	lengths := Array{Name: "lengths", Values: make([]float32, len(pieces))}
	for i, piece := range pieces {
		lengths.Values[i] = float32(len(piece))
		for t, pitches := range piece {
			for _, pitch := range pitches {
				key := pitch - lowestPitch
				if key < 0 || key >= PianoKeys {
					return nil, fmt.Errorf("piece %d, step %d: pitch %d is not from %d to %d", i, t, pitch, lowestPitch, lowestPitch+PianoKeys-1)
				}
				x.Values[(i*steps+t)*PianoKeys+key] = 1
			}
		}
	}
	return inMemory([]Array{x, lengths})
}

// PieceOf is the piece of a piano roll of steps rows of 88 keys: a key of at least a half sounds. Values after the last
// whole row do not count.
func PieceOf(roll []float32) Piece {
	piece := make(Piece, len(roll)/PianoKeys)
	for t := range piece {
		for key, v := range roll[t*PianoKeys : (t+1)*PianoKeys] {
			if v >= .5 {
				piece[t] = append(piece[t], key+lowestPitch)
			}
		}
	}
	return piece
}
