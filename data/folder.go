// Reading a data set from a folder of IDX files.

package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readFolder reads the four files of a data set, of those names, from the first of dir's subfolders ("" is dir itself)
// that has any, and returns them with that folder. The error wraps fs.ErrNotExist only if none of the files exist.
func readFolder(ctx context.Context, names [4]string, dir string, subfolders ...string) (files *[4]*IDX, at string, err error) {
	for _, sub := range subfolders {
		at = filepath.Join(dir, sub)
		paths, err := findFiles(at, names)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, at, err
		}
		files = new([4]*IDX)
		for i, path := range paths {
			if err := ctx.Err(); err != nil {
				return nil, at, err
			}
			if files[i], err = OpenIDX(path); err != nil {
				return nil, at, err
			}
		}
		return files, at, nil
	}
	places := make([]string, len(subfolders))
	for i, sub := range subfolders {
		places[i] = filepath.Join(dir, sub)
	}
	slices.Sort(places)
	return nil, dir, fmt.Errorf("no %s.gz and its companions in %s: %w",
		names[trainImages], strings.Join(places, " or "), fs.ErrNotExist)
}

// findFiles returns the paths of the four files of those names in dir, each packed or not, with a dash or (as some
// archives unpack) a dot before "idx". The error wraps fs.ErrNotExist only if none of them exist; if some are missing,
// it names one.
func findFiles(dir string, names [4]string) (paths [4]string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if info, no := os.Stat(dir); no == nil && !info.IsDir() {
			err = fs.ErrNotExist // dir is a plain file, so it holds no files
		}
		return paths, err
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = !e.IsDir()
	}
	missing := ""
	for i, name := range names {
		dotted := strings.Replace(name, "-idx", ".idx", 1)
		forms := []string{name + ".gz", name, dotted + ".gz", dotted}
		k := slices.IndexFunc(forms, func(name string) bool { return there[name] })
		if k < 0 {
			missing = name
			continue
		}
		paths[i] = filepath.Join(dir, forms[k])
	}
	switch {
	case paths == [4]string{}:
		return paths, fs.ErrNotExist
	case missing != "":
		return paths, fmt.Errorf("%s has no %s, packed or not, though it has other files of the data set", dir, missing)
	}
	return paths, nil
}

// holdsAny tells whether dir has a folder with any of the known collections' files, or the files of an archive.
func holdsAny(dir string, known []collection) bool {
	has := func(sub string, names [4]string) bool {
		_, err := findFiles(filepath.Join(dir, sub), names)
		return !errors.Is(err, fs.ErrNotExist)
	}
	return slices.ContainsFunc(known, func(k collection) bool { return has(k.name, fileNames()) }) ||
		slices.ContainsFunc(archives(), func(a archive) bool {
			return slices.ContainsFunc(a.folders, func(sub string) bool { return has(sub, a.files) })
		})
}

// fromFolder reads the collection from a folder of the user's. If the files are sound but not the originals, they are
// read too, and Source says so; the files of another collection are not read.
func (c *collection) fromFolder(ctx context.Context, dir, prefix string, known []collection) (*Dataset, error) {
	files, at, err := readFolder(ctx, fileNames(), dir, c.name, "")
	if err != nil {
		return nil, err
	}
	source := prefix + at
	switch is := identify(files, known); {
	case is == nil:
		source += " (not the published files)"
	case is.name != c.name:
		return nil, fmt.Errorf("%s holds %s; %s was looked for there or in %s",
			at, is.name, c.name, filepath.Join(dir, c.name))
	}
	return assemble(c.name, c.classes, 0, files, source)
}

// assemble makes a data set of four files, checking that they fit together. Labels are counted from first.
func assemble(name string, classes, first int, files *[4]*IDX, source string) (*Dataset, error) {
	train, err := newImages(files[trainImages], files[trainLabels], classes, first)
	if err != nil {
		return nil, err
	}
	test, err := newImages(files[testImages], files[testLabels], classes, first)
	if err != nil {
		return nil, err
	}
	if a, b := train.Fields()[0].Shape, test.Fields()[0].Shape; !slices.Equal(a, b) {
		return nil, files[testImages].wrong(8, fmt.Sprintf("images of shape %v, but those in %s have %v",
			b, files[trainImages].Name, a))
	}
	return &Dataset{Name: name, Train: train, Test: test, Source: source}, nil
}
