// Music as the MIDI pitches that sound at each step, in JSON and in tables of text.

package data

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/internal/regular"
)

// A Piece of music has for each step the MIDI pitches that sound, 60 for the middle C.
type Piece [][]int

// OpenMusic reads the JSON file at path. See ReadMusic.
func OpenMusic(path string) (map[string][]Piece, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadMusic(f, path)
}

// ReadMusic reads music as JSON from r, up to its end; name is used in errors. The JSON is an object of parts, such as
// "train", "valid" and "test", each a list of pieces, or a list of pieces, which becomes the part ""; a piece is a list of
// steps, and a step the list of the MIDI pitches that sound, from 21 to 108 (as in Boulanger-Lewandowski et al. 2012).
func ReadMusic(r io.Reader, name string) (map[string][]Piece, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	var whole json.RawMessage
	decoder := json.NewDecoder(r)
	if err := decoder.Decode(&whole); err != nil {
		return nil, fmt.Errorf("%s: not an object of lists of pieces: %w", name, cut(err))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: more follows the music", name)
	}
	parts, pieces := map[string][]Piece{}, []Piece{}
	if err := json.Unmarshal(whole, &parts); err != nil {
		if json.Unmarshal(whole, &pieces) != nil {
			return nil, fmt.Errorf("%s: neither a list of pieces nor an object of such lists: %w", name, err)
		}
		parts = map[string][]Piece{"": pieces}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: there are no parts", name)
	}
	for part, pieces := range parts {
		for i, p := range pieces {
			if err := p.check(); err != nil {
				return nil, fmt.Errorf("%s: part %q: piece %d, %w", name, part, i, err)
			}
		}
	}
	return parts, nil
}

// check returns an error unless all pitches are on a piano.
func (p Piece) check() error {
	for t, pitches := range p {
		for _, pitch := range pitches {
			if pitch < lowestPitch || pitch >= lowestPitch+PianoKeys {
				return fmt.Errorf("step %d: pitch %d is not from %d to %d", t, pitch, lowestPitch, lowestPitch+PianoKeys-1)
			}
		}
	}
	return nil
}

// OpenMusicFolder reads the csv files of a folder, in the order of their names, each as a piece. See ReadPiece.
func OpenMusicFolder(dir string) ([]Piece, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: there are no csv files", dir)
	}
	slices.Sort(files)
	var pieces []Piece
	for _, path := range files {
		f, err := regular.Open(path)
		if err != nil {
			return nil, err
		}
		p, err := ReadPiece(f, path)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

// ReadPiece reads a piece from a table of comma-separated values; name is used in errors. A row is a step, with a MIDI
// pitch from 21 to 108 in each column for a voice; a voice that is silent has 0, -1 or nothing. A first row that is not
// numbers is a header.
func ReadPiece(r io.Reader, name string) (Piece, error) {
	if r == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoReader)
	}
	table := csv.NewReader(r)
	table.FieldsPerRecord = -1
	var p Piece
	for row := 0; ; row++ {
		texts, err := table.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, cut(err))
		}
		line, _ := table.FieldPos(0)
		pitches, column, err := pitchesOf(texts)
		if err != nil && row == 0 && column == 0 {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("%s: line %d, column %d: %w", name, line, column+1, err)
		}
		p = append(p, pitches)
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("%s: there are no steps", name)
	}
	return p, nil
}

// pitchesOf reads the pitches of a step; an error is about the column.
func pitchesOf(texts []string) (pitches []int, column int, err error) {
	for column, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		pitch, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil || pitch != float64(int(pitch)):
			return nil, column, fmt.Errorf("%.100q is no MIDI pitch: want a whole number, or 0 for silence", text)
		case pitch == 0 || pitch == -1:
			continue
		case pitch < lowestPitch || pitch >= lowestPitch+PianoKeys:
			return nil, column, fmt.Errorf("pitch %d is not from %d to %d: 0 is silence", int(pitch), lowestPitch, lowestPitch+PianoKeys-1)
		}
		pitches = append(pitches, int(pitch))
	}
	return pitches, 0, nil
}
