package data

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// lettersFiles are letters as in an EMNIST file, column by column, but 2 by 3 rather than 28 by 28. The first is
// upright
//
//	10 20 30
//	40 50 60
func lettersFiles() map[string][]byte {
	stored := []byte{10, 40, 20, 50, 30, 60, 0, 255, 0, 255, 0, 255}
	return map[string][]byte{
		"emnist-letters-train-images-idx3-ubyte.gz": gz(idxFile(stored, 2, 3, 2)),
		"emnist-letters-train-labels-idx1-ubyte.gz": gz(idxFile([]byte{1, 26}, 2)),
		"emnist-letters-test-images-idx3-ubyte.gz":  gz(idxFile(stored[6:], 1, 3, 2)),
		"emnist-letters-test-labels-idx1-ubyte.gz":  gz(idxFile([]byte{13}, 1)),
	}
}

func TestOpenReadsEMNISTsLettersUprightAndFromZero(t *testing.T) {
	for _, folder := range []string{"", "emnist", "gzip", "emnist/gzip", "emnist-letters"} {
		p := newPlace(t)
		root := t.TempDir()
		at := filepath.Join(root, filepath.FromSlash(folder))
		put(t, at, lettersFiles())
		opts := p.options()
		opts.Dir = root
		set, err := p.open(t, "emnist-letters", opts)
		require.NoError(t, err)
		require.Equal(t, "emnist-letters", set.Name)
		require.Equal(t, at, set.Source)
		require.Equal(t, []Field{{Name: "x", Shape: []int{1, 2, 3}}, {Name: "label", Classes: 26}}, set.Train.Fields())
		first := read(t, set.Train, 0)
		require.Equal(t, []float32{0}, first[1], "a is 0")
		for k, want := range []float32{10, 20, 30, 40, 50, 60} {
			require.Equal(t, want/255, first[0][k])
		}
		require.Equal(t, [][]float32{{0, 0, 0, 1, 1, 1}, {25}}, read(t, set.Train, 1))
		require.Equal(t, []float32{12}, read(t, set.Test, 0)[1])

		p.env["STHENO_DATA"] = root
		set, err = p.open(t, "emnist-letters", p.options())
		require.NoError(t, err)
		require.Equal(t, "STHENO_DATA: "+at, set.Source)
	}
}

func TestOpenReadsEveryArchiveFromTheCache(t *testing.T) {
	classes := map[string]int{
		"qmnist": 10, "emnist-balanced": 47, "emnist-byclass": 62, "emnist-bymerge": 47,
		"emnist-digits": 10, "emnist-letters": 26, "emnist-mnist": 10,
	}
	for _, a := range archives() {
		p := newPlace(t)
		images, labels := idxFile([]byte{1, 2}, 1, 1, 2), idxFile([]byte{byte(a.first)}, 1)
		if a.name == "qmnist" {
			labels = typedFile(Int32, []int32{0, 1, 2, 3, 4, 5, 6, 7}, 1, 8)
		}
		put(t, filepath.Join(p.cache, a.name), map[string][]byte{
			a.files[trainImages]: images, a.files[trainLabels]: labels, a.files[testImages]: images, a.files[testLabels] + ".gz": gz(labels),
		})
		set, err := p.open(t, a.name, p.options())
		require.NoError(t, err)
		require.Equal(t, classes[a.name], set.Train.Fields()[1].Classes, a.name)
		require.Equal(t, []float32{0}, read(t, set.Test, 0)[1])
		delete(classes, a.name)
	}
	require.Empty(t, classes, "not known")
}

func TestAnArchiveThatIsNotThereIsAnErrorThatSaysWhereToGetIt(t *testing.T) {
	p := newPlace(t)
	_, err := p.open(t, "emnist-letters", p.options())
	require.ErrorContains(t, err, "it is not downloaded: get its files from https://www.nist.gov")
	require.ErrorContains(t, err, "no emnist-letters-train-images-idx3-ubyte.gz and its companions in "+filepath.Join(p.cache, "emnist-letters"))

	p.env["STHENO_DATA"] = t.TempDir()
	_, err = p.open(t, "qmnist", p.options())
	require.ErrorContains(t, err, "STHENO_DATA: no qmnist-train-images-idx3-ubyte.gz and its companions in")

	put(t, filepath.Join(p.env["STHENO_DATA"], "emnist"), lettersFiles())
	_, err = p.open(t, "qmnist", p.options())
	require.ErrorContains(t, err, "it is not downloaded", "the folder may lack a data set if it has another one")
	set, err := p.open(t, "first", p.options())
	require.NoError(t, err)
	p.requireDigits(t, set, "STHENO_DATA: no train-images-idx3-ubyte.gz")

	opts := p.options()
	opts.Dir = t.TempDir()
	_, err = p.open(t, "emnist-letters", opts)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWhatIsWrongInAnArchiveIsAnErrorThatNamesIt(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"a letter 0":       {"emnist-letters-test-labels-idx1-ubyte.gz", idxFile([]byte{0}, 1), "at byte 8: label 0 is not a class: they are 1 to 26"},
		"a letter 27":      {"emnist-letters-test-labels-idx1-ubyte.gz", idxFile([]byte{27}, 1), "at byte 8: label 27 is not a class: they are 1 to 26"},
		"a page":           {"emnist-letters-test-images-idx3-ubyte.gz", []byte("<html>"), "it is an HTML page"},
		"labels as images": {"emnist-letters-test-images-idx3-ubyte.gz", idxFile([]byte{1}, 1), "1 dimensions [1], but images have 3"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			opts := p.options()
			opts.Dir = t.TempDir()
			files := lettersFiles()
			files[c.file] = c.content
			put(t, opts.Dir, files)
			_, err := p.open(t, "emnist-letters", opts)
			require.ErrorContains(t, err, filepath.Join(opts.Dir, c.file))
			require.ErrorContains(t, err, c.want)
		})
	}
}
