// Piano rolls: music as the notes that sound at each step.

package data

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/internal/regular"
)

// PianoKeys is the number of keys of a piano, and of features of a piano roll.
const PianoKeys = 88

// lowestPitch is the MIDI pitch of a piano's first key.
const lowestPitch = 21

// OpenPianoRolls reads the JSON file at path. See ReadPianoRolls.
func OpenPianoRolls(path string) (map[string]Set, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadPianoRolls(f, path)
}

// ReadPianoRolls reads music as JSON from r, up to its end; name is used in errors. The JSON is an object of parts, such
// as "train", "valid" and "test", each a list of pieces; a piece is a list of steps, and a step the list of the MIDI
// pitches that sound, from 21 to 108 (as in Boulanger-Lewandowski et al. 2012). Each part is a set with the fields "x"
// [steps, 88], which is 1 where a key sounds, else 0, and "lengths"; steps is the length of the part's longest piece.
func ReadPianoRolls(r io.Reader, name string) (map[string]Set, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	var parts map[string][][][]int
	decoder := json.NewDecoder(r)
	if err := decoder.Decode(&parts); err != nil {
		return nil, fmt.Errorf("%s: not an object of lists of pieces: %w", name, cut(err))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: more follows the object", name)
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: there are no parts", name)
	}
	sets := map[string]Set{}
	for part, pieces := range parts {
		set, err := pianoRolls(pieces)
		if err != nil {
			return nil, fmt.Errorf("%s: part %q: %w", name, part, err)
		}
		sets[part] = set
	}
	return sets, nil
}

func pianoRolls(pieces [][][]int) (Set, error) {
	steps := 1
	for _, piece := range pieces {
		steps = max(steps, len(piece))
	}
	if len(pieces) > maxVolume/(steps*PianoKeys) {
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
