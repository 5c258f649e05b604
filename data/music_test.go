package data

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPieceGoesThroughAPianoRoll(t *testing.T) {
	piece := Piece{{60, 64, 67}, {}, {21, 108}}
	set := must(PianoRoll([]Piece{piece}, 5))(t)
	x, err := ArrayOf(set, "x")
	require.NoError(t, err)
	require.Equal(t, []int{5, 88}, x.Shape)
	require.Equal(t, Piece{{60, 64, 67}, nil, {21, 108}, nil, nil}, PieceOf(x.Values))
	_, err = PianoRoll([]Piece{piece}, 2)
	require.ErrorContains(t, err, "piece 0 has 3 steps, but there are 2")
	_, err = PianoRoll(nil, -1)
	require.ErrorContains(t, err, "-1 steps")
}

func TestMusicIsReadFromListsAndTables(t *testing.T) {
	parts, err := ReadMusic(strings.NewReader(`[[[60, 64], []], [[72]]]`), "music")
	require.NoError(t, err)
	require.Equal(t, map[string][]Piece{"": {{{60, 64}, {}}, {{72}}}}, parts)

	piece, err := ReadPiece(strings.NewReader("note0,note1\n74, 70\n0,\n-1,55.0\n"), "a.csv")
	require.NoError(t, err)
	require.Equal(t, Piece{{74, 70}, nil, {55}}, piece)

	dir := t.TempDir()
	for name, text := range map[string]string{"b.csv": "62\n", "a.csv": "60\n61\n", "notes.txt": "?"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	pieces, err := OpenMusicFolder(dir)
	require.NoError(t, err)
	require.Equal(t, []Piece{{{60}, {61}}, {{62}}}, pieces)
}

func TestWhatIsNoPieceIsAnErrorThatSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"":            "p.csv: there are no steps",
		"a,b\n":       "there are no steps",
		"60\n60,x\n":  `p.csv: line 2, column 2: "x" is no MIDI pitch`,
		"60\n200\n":   "line 2, column 1: pitch 200 is not from 21 to 108",
		"60.5\n61\nz": `line 3, column 1: "z"`,
		"60\n\"":      "p.csv",
	} {
		_, err := ReadPiece(strings.NewReader(text), "p.csv")
		require.ErrorContains(t, err, want, text)
	}
	_, err := ReadPiece(nil, "p.csv")
	require.Error(t, err)
	_, err = OpenMusicFolder(t.TempDir())
	require.ErrorContains(t, err, "there are no csv files")
}

func TestATranspositionMovesAllNotes(t *testing.T) {
	pieces := []Piece{{{60, 64}, {67}}, {{21}, {108}}}
	b := batchesOf(t, must(PianoRoll(pieces, 0))(t), BatchOptions{Size: 2, Augment: []Augmentation{Transpose{Most: 3}}})
	seen := map[int]bool{}
	for epoch := range 20 {
		batch, err := b.Next(t.Context())
		if epoch > 0 && err != nil {
			batch, err = b.Next(t.Context())
		}
		require.NoError(t, err)
		for i := range batch.N {
			piece := PieceOf(batch.Field("x")[i*2*88 : (i+1)*2*88])
			if len(piece[0]) == 1 {
				require.Equal(t, Piece{{21}, {108}}, piece, "what would leave the piano stays")
				continue
			}
			shift := piece[0][0] - 60
			seen[shift] = true
			require.LessOrEqual(t, max(shift, -shift), 3)
			require.Equal(t, Piece{{60 + shift, 64 + shift}, {67 + shift}}, piece)
		}
	}
	require.Greater(t, len(seen), 3)
	for _, most := range []int{0, -1, 88} {
		_, err := NewBatches(must(PianoRoll(pieces, 0))(t), BatchOptions{Size: 2, Augment: []Augmentation{Transpose{Most: most}}})
		require.ErrorContains(t, err, "want 1 to 87 semitones")
	}
	_, err := NewBatches(handwritten(t, 4), BatchOptions{Size: 2, Augment: []Augmentation{Transpose{Most: 2}}})
	require.ErrorContains(t, err, "is no piano roll")
}
