package data

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// realFile returns a file of the folder of data sets, or skips the test.
func realFile(t *testing.T, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{os.Getenv("STHENO_DATA")}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s: name the folder that holds it in STHENO_DATA", filepath.Join(elements...))
	}
	return path
}

func TestRealNamesAreLetters(t *testing.T) {
	names, err := OpenLines(realFile(t, "text", "names.txt"))
	require.NoError(t, err)
	require.Len(t, names, 32033)
	v := NewVocabulary(letters(names...), 0)
	require.Equal(t, 26+2, v.Size())
	require.Equal(t, []int{16}, must(Text(letters(names...), v, 0))(t).Fields()[0].Shape)
}

func TestRealChoralesAreThoseOfTheLiterature(t *testing.T) {
	sets, err := OpenPianoRolls(realFile(t, "music", "jsb-chorales-quarter.json"))
	require.NoError(t, err)
	for part, want := range map[string][2]int{"train": {229, 13807}, "valid": {76, 4602}, "test": {77, 4725}} {
		lengths, err := ArrayOf(sets[part], "lengths")
		require.NoError(t, err)
		steps := 0
		for _, n := range lengths.Values {
			steps += int(n)
		}
		require.Equal(t, want, [2]int{sets[part].Len(), steps}, part)
	}
}
