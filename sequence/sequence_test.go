package sequence_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/sequence"
	"github.com/stheno-ml/stheno/train"
)

// trained is a decoder of a model that has seen the samples some hundred times.
func trained(t *testing.T, m train.Model, set data.Set, steps int) *sequence.Decoder {
	t.Helper()
	r, err := train.Fit(t.Context(), m, set, train.Options{Backend: cpu.Config{Threads: 1}, Seed: 1, Batch: set.Len(), Steps: steps, Optimizer: optim.Adam{Rate: new(.02)}, Params: graph.NewParams(graph.Float32, 1)})
	require.NoError(t, err)
	d, err := sequence.NewDecoder(m, r.Params, cpu.Config{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func TestTextsAreThoseThatWereLearnt(t *testing.T) {
	texts := [][]string{data.Characters("ab"), data.Characters("abab")}
	v := data.NewVocabulary(texts, 0)
	set, err := data.Text(texts, v, 0)
	require.NoError(t, err)
	d := trained(t, seq.Config{Steps: 5, Vocabulary: v.Size(), Hidden: []int{12}, Code: 2, Cell: seq.GRU, TeacherForcing: true, Lengths: true}, set, 200)
	codes := make([]float32, 2*40)
	cold, err := d.Tokens(codes, sequence.Options{Temperature: new(0.0)})
	require.NoError(t, err)
	require.Len(t, cold, 40)
	for _, s := range cold {
		require.Equal(t, cold[0], s, "without a temperature there is no chance")
		require.Equal(t, []int{2, 3}, s[:2])
	}
	warm, err := d.Tokens(codes, sequence.Options{Temperature: new(5.0), Seed: 1})
	require.NoError(t, err)
	again, err := d.Tokens(codes, sequence.Options{Temperature: new(5.0), Seed: 1})
	require.NoError(t, err)
	require.Equal(t, warm, again)
	other, err := d.Tokens(codes, sequence.Options{Temperature: new(5.0), Seed: 2})
	require.NoError(t, err)
	require.NotEqual(t, warm, other)
	short, err := d.Tokens(codes[:2], sequence.Options{Steps: 1, Temperature: new(0.0)})
	require.NoError(t, err)
	require.Equal(t, [][]int{{2}}, short)
}

func TestMusicIsThatWhichWasLearnt(t *testing.T) {
	piece := data.Piece{{60, 64}, {62}, {60, 64}, {62}, {60, 64}, {62}}
	set, err := data.PianoRoll([]data.Piece{piece}, 0)
	require.NoError(t, err)
	d := trained(t, seq.VAE{Config: seq.Config{Steps: 6, Features: data.PianoKeys, Hidden: []int{16}, Code: 2, Cell: seq.GRU, TeacherForcing: true, Lengths: true}}, set, 300)
	rolls, err := d.Rolls([]float32{0, 0, 0, 0}, sequence.Options{Temperature: new(0.0), Steps: 8})
	require.NoError(t, err)
	require.Len(t, rolls, 2*8*data.PianoKeys)
	require.Equal(t, append(piece, []int{60, 64}, []int{62}), data.PieceOf(rolls[8*data.PianoKeys:]), "it goes on beyond the steps of the model")
}

func TestAMIDIFileHasANoteForEachPitch(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, sequence.WriteMIDI(&file, data.Piece{{60, 64, 60}, {60}, nil, {60}}, 120))
	require.Equal(t, []byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00\x2a"), file.Bytes()[:22])
	require.Equal(t, []byte{
		0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20, 0, 0xc0, 0, // half a second for a step
		0, 0x90, 60, 80, 0, 0x90, 64, 80, // both begin
		0x83, 0x60, 0x80, 64, 0, // after 480 ticks one ends
		0x83, 0x60, 0x80, 60, 0, // and the other a step later
		0x83, 0x60, 0x90, 60, 80, 0x83, 0x60, 0x80, 60, 0, 0, 0xff, 0x2f, 0,
	}, file.Bytes()[22:])
}

func TestASoundHasItsPitch(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, sequence.WriteWAV(&file, data.Piece{{69}, {69}}, 60))
	w, err := data.ReadWAV(&file, "a.wav")
	require.NoError(t, err)
	require.InDelta(t, 3, w.Seconds(), .01)
	strength := func(hertz float64) float64 {
		var re, im float64
		for i, v := range w.Values {
			s, c := math.Sincos(2 * math.Pi * hertz * float64(i) / float64(w.Rate))
			re, im = re+float64(v)*c, im+float64(v)*s
		}
		return math.Hypot(re, im)
	}
	require.Greater(t, strength(440), 10*strength(415))
}

func TestMistakesAreErrors(t *testing.T) {
	for want, model := range map[string]any{"want one of package models/seq": 3, "train with teacherForcing": seq.Config{}, "Steps": seq.Config{Steps: -1, TeacherForcing: true}} {
		_, err := sequence.NewDecoder(model, graph.NewParams(graph.Float32, 1), cpu.Config{})
		require.ErrorContains(t, err, want)
	}
	d, err := sequence.NewDecoder(seq.Config{TeacherForcing: true, Code: 3}, graph.NewParams(graph.Float32, 1), cpu.Config{})
	require.NoError(t, err)
	defer d.Close()
	for _, c := range []struct {
		codes int
		o     sequence.Options
		want  string
	}{{0, sequence.Options{}, "want [n, 3]"}, {4, sequence.Options{}, "4 values are no codes of 3"}, {3, sequence.Options{Temperature: new(-1.0)}, "temperature -1"}, {3, sequence.Options{Steps: -2}, "-2 steps"}} {
		_, err := d.Rolls(make([]float32, c.codes), c.o)
		require.ErrorContains(t, err, c.want)
	}
	_, err = d.Tokens(make([]float32, 3), sequence.Options{})
	require.ErrorContains(t, err, "use Rolls")
	require.ErrorContains(t, sequence.WriteMIDI(io.Discard, data.Piece{{200}}, 100), "step 0: pitch 200")
	require.ErrorContains(t, sequence.WriteWAV(io.Discard, data.Piece{{60}}, 0), "0 steps in a minute")
}

func TestNoArgumentMakesASequencePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		d, err := sequence.NewDecoder(seq.Config{Steps: 2, Features: 2, Hidden: []int{2}, Code: 1, TeacherForcing: true}, graph.NewParams(graph.Float32, 1), cpu.Config{Threads: 1})
		if err != nil {
			panic(err)
		}
		var none *sequence.Decoder
		return []any{none, d}, map[string]any{"NewDecoder": sequence.NewDecoder, "ConfigOf": sequence.ConfigOf, "WriteMIDI": sequence.WriteMIDI, "WriteWAV": sequence.WriteWAV},
			[]any{graph.NewParams(graph.Float32, 1), seq.Config{TeacherForcing: true}, data.Piece{{60}, nil, {1 << 40}}}
	})
}
