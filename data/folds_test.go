package data

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// testParts are the test parts of folds.
func testParts(folds []Fold) (parts []Set) {
	for _, f := range folds {
		parts = append(parts, f.Test)
	}
	return parts
}

func TestEachSampleIsTestedInOneFold(t *testing.T) {
	for name, opts := range map[string]FoldOptions{
		"at random": {Seed: 1}, "stratified": {Seed: 1, Stratify: "label"}, "grouped": {Seed: 1, Group: "patient"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, k := range []int{2, 3, 5, 7} {
				folds, err := Folds(visits(t, 50), k, opts)
				require.NoError(t, err)
				require.Len(t, folds, k)
				shareNone(t, 50, testParts(folds)...)
				for i, f := range folds {
					shareNone(t, 50, f.Train, f.Test)
					require.InDelta(t, 50/k, f.Test.Len(), 4)
					require.Contains(t, fmt.Sprint(f.Test), fmt.Sprintf("test part of fold %d of %d, at random with seed 1", i+1, k))
				}
				again, err := Folds(visits(t, 50), k, opts)
				require.NoError(t, err)
				require.Equal(t, Indices(folds[1].Test), Indices(again[1].Test))
			}
		})
	}
}

func TestStratifiedFoldsDifferByOneSampleOfAClass(t *testing.T) {
	folds, err := Folds(visits(t, 50), 4, FoldOptions{Stratify: "label"})
	require.NoError(t, err)
	for _, f := range folds {
		require.InDelta(t, 12.5, f.Test.Len(), 0.5)
		for class, n := range counts(t, f.Test, "label") {
			require.InDelta(t, 17./4, n, 1, "class %g", class)
		}
	}
}

func TestAGroupIsInOneFold(t *testing.T) {
	folds, err := Folds(visits(t, 50), 3, FoldOptions{Group: "patient"})
	require.NoError(t, err)
	for _, f := range folds {
		trained := counts(t, f.Train, "patient")
		for patient := range counts(t, f.Test, "patient") {
			require.NotContains(t, trained, patient)
		}
	}
}

func TestFoldsInTimeAreTestedOnWhatFollows(t *testing.T) {
	folds, err := Folds(pattern(t, 10), 3, FoldOptions{InOrder: true})
	require.NoError(t, err)
	for i, want := range [][2][]int{{{0, 1}, {2, 3, 4}}, {{0, 1, 2, 3, 4}, {5, 6}}, {{0, 1, 2, 3, 4, 5, 6}, {7, 8, 9}}} {
		require.Equal(t, want[0], Indices(folds[i].Train))
		require.Equal(t, want[1], Indices(folds[i].Test))
	}
	folds, err = Folds(visits(t, 20), 3, FoldOptions{Time: "day"})
	require.NoError(t, err)
	for _, f := range folds {
		trained, tested := valuesOf(t, f.Train, "day"), valuesOf(t, f.Test, "day")
		require.Less(t, trained[len(trained)-1], tested[0])
	}
}

func TestWhatHasNoFoldsIsAnError(t *testing.T) {
	set := visits(t, 12)
	for want, try := range map[string]struct {
		set  Set
		k    int
		opts FoldOptions
	}{
		"folds: no set":                                         {nil, 2, FoldOptions{}},
		"1 folds: at least 2 are needed":                        {set, 1, FoldOptions{}},
		"a set of 12 samples cannot have 13 parts":              {set, 13, FoldOptions{}},
		"a set of 12 samples cannot have 14 parts":              {set, 13, FoldOptions{InOrder: true}},
		`class 0 of "label" has too few samples, 4 for 5 folds`: {set, 5, FoldOptions{Stratify: "label"}},
		`there are 3 groups by "patient" for 4 folds`:           {set, 4, FoldOptions{Group: "patient"}},
		"too many samples have the same time":                   {set, 9, FoldOptions{Time: "day"}},
		"Group and InOrder are set":                             {set, 2, FoldOptions{Group: "patient", InOrder: true}},
	} {
		_, err := Folds(try.set, try.k, try.opts)
		require.ErrorContains(t, err, want)
	}
}
