// The public data sets that Open reads but does not download: EMNIST and QMNIST, by the names of their files.

package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// An archive is a data set of four IDX files with its own file names, and sometimes its own conventions.
type archive struct {
	name       string
	files      [4]string // unpacked
	folders    []string  // where its files usually are, below a folder of data sets
	classes    int
	first      int  // the label of class 0
	transposed bool // images are stored column by column
	page       string
}

// archives are the known archives.
func archives() []archive {
	all := []archive{{
		name: "qmnist", classes: 10,
		files: [4]string{
			trainImages: "qmnist-train-images-idx3-ubyte", trainLabels: "qmnist-train-labels-idx2-int",
			testImages: "qmnist-test-images-idx3-ubyte", testLabels: "qmnist-test-labels-idx2-int",
		},
		folders: []string{"qmnist", ""},
		page:    "https://github.com/facebookresearch/qmnist",
	}}
	for _, split := range []struct {
		name           string
		classes, first int
	}{
		{"balanced", 47, 0}, {"byclass", 62, 0}, {"bymerge", 47, 0}, {"digits", 10, 0}, {"letters", 26, 1}, {"mnist", 10, 0},
	} {
		name := "emnist-" + split.name
		all = append(all, archive{
			name: name, classes: split.classes, first: split.first, transposed: true,
			files: [4]string{
				trainImages: name + "-train-images-idx3-ubyte", trainLabels: name + "-train-labels-idx1-ubyte",
				testImages: name + "-test-images-idx3-ubyte", testLabels: name + "-test-labels-idx1-ubyte",
			},
			folders: []string{name, "emnist", "emnist/gzip", "gzip", ""},
			page:    "https://www.nist.gov/itl/products-and-services/emnist-dataset",
		})
	}
	return all
}

// open reads the archive from the nearest folder that has it.
func (a *archive) open(ctx context.Context, opts Options, known []collection) (*Dataset, error) {
	var missed []string // why each place was not used
	try := func(dir, prefix string, folders []string) (*Dataset, error) {
		files, at, err := readFolder(ctx, a.files, dir, folders...)
		if err != nil {
			missed = append(missed, prefix+err.Error())
			return nil, err
		}
		if a.transposed {
			for _, x := range []*IDX{files[trainImages], files[testImages]} {
				if err := x.transpose(); err != nil {
					return nil, err
				}
			}
		}
		return assemble(a.name, a.classes, a.first, files, prefix+at)
	}
	if opts.Dir != "" {
		return try(opts.Dir, "", a.folders)
	}
	if dir := opts.Getenv("STHENO_DATA"); dir == "" {
		missed = append(missed, "STHENO_DATA is not set")
	} else if set, err := try(dir, "STHENO_DATA: ", a.folders); err == nil {
		return set, nil
	} else if !errors.Is(err, fs.ErrNotExist) || !holdsAny(dir, known) {
		return nil, fmt.Errorf("STHENO_DATA: %w", err)
	}
	cache, err := opts.cacheDir(a.name)
	if err != nil {
		missed = append(missed, fmt.Sprintf("no cache folder: %v", err))
	} else if set, err := try(cache, "cache ", []string{""}); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return set, err
	}
	return nil, fmt.Errorf("it is not downloaded: get its files from %s, and set Options.Dir or STHENO_DATA to their folder (%s)",
		a.page, strings.Join(missed, "; "))
}

// transpose turns images [n,a,b] that are stored column by column into [n,b,a].
func (x *IDX) transpose() error {
	if len(x.Dims) != 3 {
		return x.wrong(3, fmt.Sprintf("%d dimensions %v, but images have 3: their number, width and height", len(x.Dims), x.Dims))
	}
	e, raw, err := x.elements()
	if err != nil {
		return err
	}
	columns, rows := x.Dims[1], x.Dims[2]
	image := make([]byte, rows*columns*e.size)
	for i := range x.Dims[0] {
		stored := raw[i*len(image) : (i+1)*len(image)]
		for r := range rows {
			for c := range columns {
				copy(image[(r*columns+c)*e.size:][:e.size], stored[(c*rows+r)*e.size:])
			}
		}
		copy(stored, image)
	}
	x.Dims[1], x.Dims[2] = rows, columns
	return nil
}
