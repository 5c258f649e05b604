// Texts and music that a model generates, and the files that they are written to.

package recipe

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/sequence"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Sequences are texts or pieces of music.
type Sequences struct {
	Texts  []string     `json:"texts,omitempty"`
	Pieces []data.Piece `json:"pieces,omitempty"`
}

// mostSteps is the length of generated music, unless another is asked for: 16 bars of quarter notes.
const mostSteps = 64

// GenerateSequences generates texts or music, by the run's Sequence.
func (r *Run) GenerateSequences(ctx context.Context, g Generation) (Sequences, error) {
	s, err := r.Sequence()
	if err != nil {
		return Sequences{}, err
	}
	shape, ok := r.Model.Shape(graph.OutputCode)
	c, is := sequence.ConfigOf(r.Model.Model())
	if s == nil || !ok || !is {
		return Sequences{}, fmt.Errorf("the model %s was not trained on texts or music", train.NameOf(r.Model.Model()))
	}
	if err := r.check(g); err != nil {
		return Sequences{}, err
	}
	switch {
	case g.Class != nil:
		return Sequences{}, errors.New("the model is not conditional on a class: leave it out")
	case !c.TeacherForcing && (g.Temperature != nil || g.Steps != 0):
		return Sequences{}, errors.New("the decoder does not read what it has drawn, so there is no temperature and no other length: train with model.teacherForcing")
	}
	codes, _, err := r.codes(ctx, &g, shape)
	if err != nil {
		return Sequences{}, err
	}
	if !c.TeacherForcing {
		x, err := r.Model.Decode(codes)
		if err != nil {
			return Sequences{}, err
		}
		return s.of(x, g.N), nil
	}
	b, err := r.Recipe.backend()
	if err != nil {
		return Sequences{}, err
	}
	d, err := sequence.NewDecoder(r.Model.Model(), r.Model.Params(), b)
	if err != nil {
		return Sequences{}, err
	}
	defer d.Close()
	o := sequence.Options{Temperature: g.Temperature, Steps: g.Steps, Seed: g.Seed}
	if g.Walk != nil && o.Temperature == nil {
		o.Temperature = new(0.0)
	}
	if !s.texts() {
		if o.Steps == 0 {
			o.Steps = min(mostSteps, s.Steps)
		}
		rolls, err := d.Rolls(codes, o)
		if err != nil {
			return Sequences{}, err
		}
		return s.of(rolls, g.N), nil
	}
	all, err := d.Tokens(codes, o)
	if err != nil {
		return Sequences{}, err
	}
	var out Sequences
	for _, numbers := range all {
		out.Texts = append(out.Texts, s.Text(numbers))
	}
	return out, nil
}

// of are the sequences of n samples of numbers side by side.
func (s *Sequence) of(x []float32, n int) (out Sequences) {
	for sample := range slices.Chunk(x, max(1, len(x)/max(1, n))) {
		if !s.texts() {
			out.Pieces = append(out.Pieces, data.PieceOf(sample))
			continue
		}
		numbers := make([]int, len(sample))
		for i, v := range sample {
			numbers[i] = int(v)
		}
		out.Texts = append(out.Texts, s.Text(numbers))
	}
	return out
}

// SequenceOutputs are the extensions of the files that Sequences.Write writes: those of texts, and those of music.
func SequenceOutputs() (texts, music []string) {
	return []string{"txt", "csv"}, []string{"mid", "wav", "csv", "png"}
}

// perMinute is the tempo of music: quarter notes in a minute.
const perMinute = 100

// Write writes the sequences in the format of the extension and returns the files. Texts go into one file, a line for each
// (txt), or a row below the header "text" (csv). Music goes into a picture of all pieces (png), or into one file for each
// piece, numbered if there are several: MIDI (mid), sound (wav), or a row with the pitches of each step (csv).
func (q Sequences) Write(path string) (files []string, err error) {
	known, music := SequenceOutputs()
	if q.Texts == nil {
		known = music
	}
	format := extension(path)
	if path == "" || !slices.Contains(known, format) {
		return nil, fmt.Errorf("-o %s: the extension is the format: want one of %s", path, joinNames(known))
	}
	if q.Texts != nil {
		return []string{path}, atomicfile.Write(path, func(w io.Writer) error { return writeTexts(w, q.Texts, format == "csv") })
	}
	if format == "png" {
		return []string{path}, q.draw(path)
	}
	for i, piece := range q.Pieces {
		file := path
		if len(q.Pieces) > 1 {
			file = fmt.Sprintf("%s-%d.%s", strings.TrimSuffix(path, filepath.Ext(path)), i+1, format)
		}
		err := atomicfile.Write(file, func(w io.Writer) error {
			switch format {
			case "mid":
				return sequence.WriteMIDI(w, piece, perMinute)
			case "wav":
				return sequence.WriteWAV(w, piece, perMinute)
			}
			return writePiece(w, piece)
		})
		if err != nil {
			return files, err
		}
		files = append(files, file)
	}
	return files, nil
}

func writeTexts(w io.Writer, texts []string, table bool) error {
	if !table {
		_, err := io.WriteString(w, strings.Join(texts, "\n")+"\n")
		return err
	}
	to := csv.NewWriter(w)
	if err := to.Write([]string{"text"}); err != nil {
		return err
	}
	for _, t := range texts {
		if err := to.Write([]string{t}); err != nil {
			return err
		}
	}
	to.Flush()
	return to.Error()
}

// writePiece writes a row for each step: its pitches from the highest to the lowest, and 0 for voices that are silent.
func writePiece(w io.Writer, piece data.Piece) error {
	voices := 1
	for _, pitches := range piece {
		voices = max(voices, len(pitches))
	}
	to := csv.NewWriter(w)
	for _, pitches := range piece {
		row := make([]string, voices)
		down := slices.Clone(pitches)
		slices.Sort(down)
		slices.Reverse(down)
		for k := range row {
			row[k] = "0"
			if k < len(down) {
				row[k] = strconv.Itoa(down[k])
			}
		}
		if err := to.Write(row); err != nil {
			return err
		}
	}
	to.Flush()
	return to.Error()
}

// draw draws the pieces as piano rolls below each other, time from left to right.
func (q Sequences) draw(path string) error {
	if len(q.Pieces) > mostInGrid {
		return fmt.Errorf("%s: %d pieces are too many for a picture: want at most %d", path, len(q.Pieces), mostInGrid)
	}
	set, err := data.PianoRoll(q.Pieces, 0)
	if err != nil {
		return err
	}
	x, err := data.ArrayOf(set, graph.InputX)
	if err != nil {
		return err
	}
	return writeGrid(path, vm.Array{Name: x.Name, Shape: append([]int{len(q.Pieces)}, x.Shape...), Data: x.Values})
}
