package data

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRealFilesAreWhatTheyShouldBe reads the published files, if there are any.
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

// TestRealTablesAreWhatTheyShouldBe reads the tables of ADBench, which are column-major, if there are any.
func TestRealTablesAreWhatTheyShouldBe(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	for _, c := range []struct {
		name                      string
		rows, features, anomalies int
		lo, hi                    float32
		last                      []float32 // row
	}{
		{"38_thyroid", 3772, 6, 93, 0, 1, []float32{.483870967742, .00356603773585, .190702087287, .21261682243, .338028169014, .16393442623}},
		{"31_satimage-2", 5803, 36, 71, 27, 157, nil},
		{"32_shuttle", 49097, 9, 3511, -26739, 15164, nil},
		{"24_mnist", 7603, 100, 700, -137.36, 254, nil},
		{"4_breastw", 683, 9, 239, 1, 10, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, "tabular", c.name+".npz")
			if _, err := os.Stat(path); err != nil {
				t.Skipf("no %s: name the folder that holds tabular in STHENO_DATA", path)
			}
			file, err := OpenNPZ(path)
			require.NoError(t, err)
			x, err := file.Array("X")
			require.NoError(t, err)
			y, err := file.Array("y")
			require.NoError(t, err)
			set, err := Table(x, y)
			require.NoError(t, err)
			require.Equal(t, c.rows, set.Len())
			require.Equal(t, []Field{{Name: "x", Shape: []int{c.features}}, {Name: "label", Classes: 2}}, set.Fields())
			anomalies := must(OfClasses(set, "label", 1))(t)
			require.Equal(t, c.anomalies, anomalies.Len())
			if c.last != nil {
				require.Equal(t, c.last, read(t, set, c.rows-1)[0])
			}
			require.InDelta(t, c.lo, slices.Min(x.Values), .5)
			require.InDelta(t, c.hi, slices.Max(x.Values), .5)
		})
	}
}
