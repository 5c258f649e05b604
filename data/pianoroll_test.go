package data

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPianoRollsHaveAKeyForEachPitch(t *testing.T) {
	sets, err := ReadPianoRolls(strings.NewReader(`{"train": [[[21], [], [60, 108]], [[22]]], "test": []}`), "music")
	require.NoError(t, err)
	require.Len(t, sets, 2)
	require.Zero(t, sets["test"].Len())
	x, err := ArrayOf(sets["train"], "x")
	require.NoError(t, err)
	require.Equal(t, []int{3, 88}, x.Shape)
	on := []int{}
	for i, v := range x.Values {
		if v == 1 {
			on = append(on, i)
		}
	}
	require.Equal(t, []int{0, 2*88 + 39, 2*88 + 87, 3*88 + 1}, on)
	lengths, err := ArrayOf(sets["train"], "lengths")
	require.NoError(t, err)
	require.Equal(t, []float32{3, 1}, lengths.Values)
}

func TestWhatIsNoMusicIsAnErrorThatSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		`{"train": [[[20]]]}`:          `music: part "train": piece 0, step 0: pitch 20 is not from 21 to 108`,
		`{"train": [[], [[], [109]]]}`: `piece 1, step 1: pitch 109`,
		`{}`:                           "there are no parts",
		`[1]`:                          "neither a list of pieces nor an object of such lists",
		`{"train": [[[21`:              "cut short",
		`{"train": []} 1`:              "more follows",
		``:                             "cut short",
	} {
		_, err := ReadPianoRolls(strings.NewReader(text), "music")
		require.ErrorContains(t, err, want, text)
	}
}
