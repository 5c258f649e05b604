// Texts and music as samples: how a file becomes sequences of numbers.

package recipe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/smiles"
)

// Sequence says how texts or music become sequences of numbers. It is kept in the run folder, so that other files are read
// in the same way, and numbers become texts again.
type Sequence struct {
	// Tokens is how texts are cut, as the key data.tokens; "" for music.
	Tokens string `json:"tokens,omitempty"`
	// Vocabulary numbers the tokens; nil for music.
	Vocabulary *data.Vocabulary `json:"vocabulary,omitempty"`
	// Steps is the length of all sequences; shorter ones are padded.
	Steps int `json:"steps"`
}

// musicFormat is the value of the key data.format for music; see data.OpenMusic.
const musicFormat = "music"

// cuts are the values of the key data.tokens.
var cuts = map[string]func(text string) ([]string, error){
	"characters": func(text string) ([]string, error) { return data.Characters(text), nil },
	"words":      func(text string) ([]string, error) { return data.Words(text), nil },
	"smiles":     smiles.Tokens,
}

// texts reports whether the samples are texts.
func (s *Sequence) texts() bool { return s != nil && s.Vocabulary != nil }

// Text is the text of token numbers, up to the first end.
func (s *Sequence) Text(numbers []int) string {
	between := ""
	if s.Tokens == "words" {
		between = " "
	}
	return strings.Join(s.Vocabulary.Tokens(numbers), between)
}

// checkTexts checks the keys of texts.
func (d Data) checkTexts() error {
	if d.Tokens == "" {
		if d.Column != "" || d.Rare != 0 {
			return errors.New("data.column and data.rare are about texts: set data.tokens, too")
		}
		return nil
	}
	if err := oneOf("data.tokens", d.Tokens, sortedNames(cuts)...); err != nil {
		return err
	}
	switch {
	case d.Rare < 0:
		return fmt.Errorf("data.rare: %d is negative", d.Rare)
	case d.Scale != "" && d.Scale != noScale || d.Window != 0 || len(d.Shape) > 0 || d.Label != "" || d.Format != "" && d.Format != "csv":
		return errors.New("data.tokens makes samples of texts: leave out data.scale, data.window, data.shape, data.label and data.format")
	}
	return nil
}

// openTexts opens the lines of a file, or a column of a csv file, each text once.
func (d Data) openTexts(name string) (*source, error) {
	var texts []string
	var err error
	switch inside := extension(strings.TrimSuffix(name, ".gz")); {
	case inside == "csv" || d.Format == "csv":
		texts, err = data.OpenTextColumn(name, d.Column)
	case d.Column != "":
		return nil, fmt.Errorf("%s: data.column names a column of a csv file, and this is none: leave it out", name)
	default:
		texts, err = data.OpenLines(name)
	}
	if err != nil {
		return nil, err
	}
	seen, repeated := map[string]bool{}, 0
	var all [][]string
	for i, text := range texts {
		if seen[text] {
			repeated++
			continue
		}
		seen[text] = true
		tokens, err := cuts[d.Tokens](text)
		if err != nil {
			return nil, fmt.Errorf("%s: text %d: %w", name, i+1, err)
		}
		all = append(all, tokens)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there are no texts", name)
	}
	s := d.known
	if s == nil {
		s = &Sequence{Tokens: d.Tokens, Vocabulary: data.NewVocabulary(all, d.Rare)}
		for _, t := range all {
			s.Steps = max(s.Steps, len(t)+1)
		}
	} else if !s.texts() {
		return nil, fmt.Errorf("%s: the model was trained on music, not on texts", name)
	}
	set, err := data.Text(all, s.Vocabulary, s.Steps)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	where := fmt.Sprintf("%s, %d texts of %d kinds of tokens", name, len(all), s.Vocabulary.Size()-2)
	if repeated > 0 {
		where += fmt.Sprintf(", without %d that repeat others", repeated)
	}
	return &source{train: set, where: where, sequence: s}, nil
}

// openMusic opens a json file of music, or a folder of csv files.
func (d Data) openMusic(name string, folder bool) (*source, error) {
	parts := map[string][]data.Piece{}
	var err error
	if folder {
		parts[""], err = data.OpenMusicFolder(name)
	} else {
		parts, err = data.OpenMusic(name)
	}
	if err != nil {
		return nil, err
	}
	known := map[string]string{"": TrainPart, TrainPart: TrainPart, "valid": ValidationPart, ValidationPart: ValidationPart, TestPart: TestPart}
	s := d.known
	if s == nil {
		s = &Sequence{Steps: 1}
	} else if s.texts() {
		return nil, fmt.Errorf("%s: the model was trained on texts, not on music", name)
	}
	sets, n := map[string]data.Set{}, 0
	for _, part := range sortedNames(parts) {
		to, ok := known[part]
		if len(parts) == 1 {
			to, ok = TrainPart, true
		}
		if !ok || sets[to] != nil {
			return nil, fmt.Errorf("%s: the parts are %s: want train, valid and test", name, joinNames(sortedNames(parts)))
		}
		for _, piece := range parts[part] {
			if d.known == nil {
				s.Steps = max(s.Steps, len(piece))
			}
		}
		n += len(parts[part])
	}
	for part, pieces := range parts {
		to := known[part]
		if len(parts) == 1 {
			to = TrainPart
		}
		if sets[to], err = data.PianoRoll(pieces, s.Steps); err != nil {
			return nil, fmt.Errorf("%s: part %q: %w", name, part, err)
		}
	}
	if sets[TrainPart] == nil || sets[TrainPart].Len() == 0 {
		return nil, fmt.Errorf("%s: there are no pieces to train on: want a list of pieces, or an object with the parts train, valid and test", name)
	}
	return &source{
		train: sets[TrainPart], validation: sets[ValidationPart], test: sets[TestPart], sequence: s,
		where: fmt.Sprintf("%s, %d pieces of up to %d steps", name, n, s.Steps),
	}, nil
}

// Sequence is how the run's texts or music were read; nil if its samples are something else.
func (r *Run) Sequence() (*Sequence, error) {
	if r.samples != nil {
		return r.samples.Sequence, nil
	}
	return readDescription[Sequence](r.Dir, SequenceFile)
}
