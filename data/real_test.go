package data

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRealFilesAreWhatTheyShouldBe reads the published files, where there are some.
func TestRealFilesAreWhatTheyShouldBe(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	for _, c := range []struct {
		name        string
		train, test [10]int // images of each class
		trainMean   float64 // of the pixels, 0 to 255
		testMean    float64
	}{
		{
			"mnist",
			[10]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
			[10]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
			33.318, 33.791,
		},
		{
			"fashion-mnist",
			[10]int{6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000},
			[10]int{1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000},
			72.940, 73.147,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := findFiles(filepath.Join(dir, c.name), fileNames()); err != nil {
				t.Skipf("no %s in %s: name the folder that holds its folder in STHENO_DATA", c.name, dir)
			}
			set, err := Open(t.Context(), c.name, Options{Dir: dir, Log: t.Output()})
			require.NoError(t, err)
			require.Equal(t, c.name, set.Name)
			require.Equal(t, filepath.Join(dir, c.name), set.Source, "the files are not the published ones")
			trainClasses, trainMean := census(t, set.Train)
			require.Equal(t, c.train, trainClasses)
			require.InDelta(t, c.trainMean, trainMean, .0006)
			testClasses, testMean := census(t, set.Test)
			require.Equal(t, c.test, testClasses)
			require.InDelta(t, c.testMean, testMean, .0006)
		})
	}
}

// census counts a set's images of each class and takes the mean of their pixels, 0 to 255.
func census(t *testing.T, set Set) (classes [10]int, mean float64) {
	require.Equal(t, []Field{{Name: "x", Shape: []int{1, 28, 28}}, {Name: "label", Classes: 10}}, set.Fields())
	to := NewSample(set)
	for i := range set.Len() {
		require.NoError(t, set.Read(i, to))
		classes[int(to[1][0])]++
		sum := 0.
		for _, v := range to[0] {
			sum += float64(v)
		}
		mean += sum
	}
	return classes, mean * 255 / float64(set.Len()*len(to[0]))
}
