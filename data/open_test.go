package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// invented returns a collection of that name with tiny files, and the packed files. Collections of different names
// differ.
func invented(name string) (c collection, packed [4][]byte) {
	pix := func(n int) []byte { return bytes.Repeat([]byte(name[:4]), n) }
	plain := [4][]byte{
		trainImages: idxFile(pix(5), 5, 2, 2),
		trainLabels: idxFile([]byte{0, 1, 2, 1, 0}, 5),
		testImages:  idxFile(pix(3), 3, 2, 2),
		testLabels:  idxFile([]byte{2, 1, 0}, 3),
	}
	c = collection{name: name, classes: 3}
	for i, name := range fileNames() {
		packed[i] = gz(plain[i])
		c.files[i] = original{name + ".gz", int64(len(packed[i])), sum(packed[i]), sum(plain[i])}
	}
	return c, packed
}

func sum(file []byte) string {
	s := sha256.Sum256(file)
	return hex.EncodeToString(s[:])
}

// put writes files into a new folder at dir.
func put(t *testing.T, dir string, files map[string][]byte) {
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
}

// named gives a collection's files their names.
func named(c collection, packed [4][]byte) map[string][]byte {
	files := map[string][]byte{}
	for i, f := range c.files {
		files[f.name] = packed[i]
	}
	return files
}

// place is an empty machine: no environment, an empty cache and no mirror.
type place struct {
	env   map[string]string
	cache string
	log   bytes.Buffer
	known []collection
	files map[string][]byte // the files of "first", the first known collection
}

func newPlace(t *testing.T) *place {
	first, packed := invented("first")
	second, _ := invented("second")
	return &place{
		env:   map[string]string{},
		cache: filepath.Join(t.TempDir(), "cache"),
		known: []collection{first, second},
		files: named(first, packed),
	}
}

func (p *place) options() Options {
	return Options{
		CacheDir: p.cache, Mirrors: []string{}, Log: &p.log, Train: 20, Test: 10,
		Getenv: func(name string) string { return p.env[name] },
	}
}

func (p *place) open(t *testing.T, name string, opts Options) (*Dataset, error) {
	p.log.Reset()
	return open(t.Context(), name, opts.defaults(), p.known)
}

// requireFirst checks that a data set is the first collection.
func requireFirst(t *testing.T, set *Dataset, source string) {
	t.Helper()
	require.Equal(t, "first", set.Name)
	require.Equal(t, source, set.Source)
	require.Equal(t, 5, set.Train.Len())
	require.Equal(t, 3, set.Test.Len())
	require.Equal(t, []Field{{Name: "x", Shape: []int{1, 2, 2}}, {Name: "label", Classes: 3}}, set.Train.Fields())
	sample := read(t, set.Test, 0)
	require.Equal(t, float32('f')/255, sample[0][0])
	require.Equal(t, []float32{2}, sample[1])
}

// requireDigits checks that a data set is generated digits, and that one line was written about it.
func (p *place) requireDigits(t *testing.T, set *Dataset, reasons ...string) {
	t.Helper()
	require.Equal(t, "digits", set.Name)
	require.Equal(t, 20, set.Train.Len())
	require.Equal(t, 10, set.Test.Len())
	require.Equal(t, []int{1, 28, 28}, set.Train.Fields()[0].Shape)
	lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
	said := lines[len(lines)-1]
	require.Contains(t, said, "data: no first, so generated digits are used instead")
	require.Contains(t, set.Source, "generated digits, seed 0, for want of first")
	require.NotContains(t, set.Source, "\n")
	for _, reason := range reasons {
		require.Contains(t, said, reason)
		require.Contains(t, set.Source, reason)
	}
}

func TestOpenLooksInTheNearestPlaceFirst(t *testing.T) {
	p := newPlace(t)
	root := t.TempDir()
	dir, env, cache := filepath.Join(root, "dir"), filepath.Join(root, "env"), filepath.Join(p.cache, "first")
	put(t, filepath.Join(dir, "first"), p.files)
	put(t, env, p.files)
	put(t, cache, p.files)
	p.env["STHENO_DATA"] = env
	opts := p.options()

	opts.Dir = dir
	for _, name := range []string{"first", "auto", ""} {
		set, err := p.open(t, name, opts)
		require.NoError(t, err)
		requireFirst(t, set, filepath.Join(dir, "first"))
	}
	opts.Dir = ""
	set, err := p.open(t, "first", opts)
	require.NoError(t, err)
	requireFirst(t, set, "STHENO_DATA: "+env)

	delete(p.env, "STHENO_DATA")
	set, err = p.open(t, "first", opts)
	require.NoError(t, err)
	requireFirst(t, set, "cache "+cache)

	require.NoError(t, os.RemoveAll(p.cache))
	require.Empty(t, p.log.String(), "finding files needs no words")
	set, err = p.open(t, "first", opts)
	require.NoError(t, err)
	p.requireDigits(t, set, "STHENO_DATA is not set", "there is no mirror to download from")
	require.Equal(t, 1, strings.Count(p.log.String(), "\n"))

	opts.Offline = true
	set, err = p.open(t, "first", opts)
	require.NoError(t, err)
	p.requireDigits(t, set, "4 of 4 files are not in "+cache+", and downloads are off")
}

func TestAFolderMayHoldItsFilesInAnyUsualForm(t *testing.T) {
	p := newPlace(t)
	plain := map[string][]byte{}
	dotted := map[string][]byte{}
	misnamed := map[string][]byte{}
	for name, content := range p.files {
		x, err := ReadIDX(bytes.NewReader(content), name)
		require.NoError(t, err)
		dims := []uint32{}
		for _, n := range x.Dims {
			dims = append(dims, uint32(n))
		}
		bare := strings.TrimSuffix(name, ".gz")
		plain[bare] = idxFile(x.Data, dims...)
		dotted[strings.Replace(bare, "-idx", ".idx", 1)] = plain[bare]
		misnamed[name] = plain[bare]
	}
	for form, files := range map[string]map[string][]byte{
		"packed": p.files, "plain": plain, "plain with dots": dotted, "plain, but called gz": misnamed,
	} {
		t.Run(form, func(t *testing.T) {
			direct, below := t.TempDir(), t.TempDir()
			put(t, direct, files)
			put(t, filepath.Join(below, "first"), files)
			for _, dir := range []string{direct, below} {
				at := dir
				if dir == below {
					at = filepath.Join(below, "first")
				}
				set, err := p.open(t, dir, p.options())
				require.NoError(t, err)
				requireFirst(t, set, at)
				opts := p.options()
				opts.Dir = dir
				set, err = p.open(t, "first", opts)
				require.NoError(t, err)
				requireFirst(t, set, at)
			}
		})
	}
}

func TestAFolderOfOnesOwnIsADataSetToo(t *testing.T) {
	p := newPlace(t)
	files := map[string][]byte{
		"train-images-idx3-ubyte": idxFile(make([]byte, 12), 2, 3, 2),
		"train-labels-idx1-ubyte": idxFile([]byte{11, 0}, 2),
		"t10k-images-idx3-ubyte":  idxFile(make([]byte, 6), 1, 3, 2),
		"t10k-labels-idx1-ubyte":  idxFile([]byte{5}, 1),
	}
	dir := filepath.Join(t.TempDir(), "runes")
	put(t, dir, files)
	opts := p.options()
	opts.Classes = 12
	set, err := p.open(t, dir, opts)
	require.NoError(t, err)
	require.Equal(t, "runes", set.Name)
	require.Equal(t, 12, set.Train.Fields()[1].Classes)
	require.Equal(t, []int{1, 3, 2}, set.Test.Fields()[0].Shape)

	_, err = p.open(t, dir, p.options())
	require.ErrorContains(t, err, "train-labels-idx1-ubyte: at byte 8: label 11 is not a class: they are 0 to 9")
}

func TestWhatIsWrongIsAnErrorThatNamesIt(t *testing.T) {
	const images, labels = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
	with := func(name string, content []byte) func(map[string][]byte) {
		return func(files map[string][]byte) { files[name] = content }
	}
	second, packed := invented("second")
	for _, c := range []struct {
		name string
		spy  func(files map[string][]byte)
		want string
	}{
		{"no file", func(files map[string][]byte) { clear(files) }, "no train-images-idx3-ubyte.gz and its companions in"},
		{"a file missing", func(files map[string][]byte) { delete(files, labels) }, "has no train-labels-idx1-ubyte, packed or not"},
		{"an empty file", with(images, nil), images + ": at byte 0: the file is cut short"},
		{"a page instead of a file", with(images, []byte("<html>")), images + ": at byte 0: not an IDX file: it is an HTML page"},
		{"a damaged gzip", func(files map[string][]byte) { files[images] = flip(files[images], -8) }, images + ": at unpacked byte 36: the end of the file is damaged"},
		{"labels too few", with(labels, gz(idxFile([]byte{1}, 1))), labels + ": at unpacked byte 4: 1 labels for the 5 images in"},
		{"a label too high", with(labels, gz(idxFile([]byte{1, 1, 1, 1, 99}, 5))), labels + ": at unpacked byte 12: label 99 is not a class"},
		{"images and labels exchanged", func(files map[string][]byte) { files[images], files[labels] = files[labels], files[images] }, "1 dimensions [5], but images have 3"},
		{"images of another size", with("t10k-images-idx3-ubyte.gz", gz(idxFile(make([]byte, 3), 3, 1, 1))), "t10k-images-idx3-ubyte.gz: at unpacked byte 8: images of shape [1 1 1], but those in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			dir := t.TempDir()
			c.spy(p.files)
			put(t, dir, p.files)

			_, err := p.open(t, dir, p.options())
			require.ErrorContains(t, err, c.want)

			opts := p.options()
			opts.Dir = dir
			_, err = p.open(t, "first", opts)
			require.ErrorContains(t, err, c.want)

			p.env["STHENO_DATA"] = dir
			_, err = p.open(t, "first", p.options())
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, dir)
			require.Empty(t, p.log.String())
		})
	}

	t.Run("another collection", func(t *testing.T) {
		p := newPlace(t)
		dir := t.TempDir()
		put(t, dir, named(second, packed))
		opts := p.options()
		opts.Dir = dir
		_, err := p.open(t, "first", opts)
		require.ErrorContains(t, err, "holds second; first was looked for there or in")
	})
	t.Run("no folder", func(t *testing.T) {
		p := newPlace(t)
		_, err := p.open(t, filepath.Join(t.TempDir(), "nowhere"), p.options())
		require.ErrorContains(t, err, "there is no such folder, and the names are")
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		_, err = p.open(t, file, p.options())
		require.ErrorContains(t, err, "not a folder")
		p.env["STHENO_DATA"] = filepath.Join(t.TempDir(), "nowhere")
		_, err = p.open(t, "first", p.options())
		require.ErrorContains(t, err, "STHENO_DATA: no train-images")
	})
}

func TestTheEnvironmentsFolderMayHoldAnotherDataSetOnly(t *testing.T) {
	p := newPlace(t)
	second, packed := invented("second")
	dir := t.TempDir()
	put(t, filepath.Join(dir, "second"), named(second, packed))
	p.env["STHENO_DATA"] = dir
	set, err := p.open(t, "first", p.options())
	require.NoError(t, err)
	p.requireDigits(t, set, "STHENO_DATA: no train-images-idx3-ubyte.gz")
}

func TestACacheThatIsNotTheOriginalIsAnError(t *testing.T) {
	const images = "train-images-idx3-ubyte.gz"
	for name, spoil := range map[string]func([]byte) []byte{
		"cut short":          func(file []byte) []byte { return file[:len(file)-1] },
		"longer":             func(file []byte) []byte { return append(slices.Clone(file), 0) },
		"one bit":            func(file []byte) []byte { return flip(file, 20) },
		"sound, but another": func([]byte) []byte { return gz(idxFile(make([]byte, 20), 5, 2, 2)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.files[images] = spoil(p.files[images])
			dir := filepath.Join(p.cache, "first")
			put(t, dir, p.files)
			_, err := p.open(t, "first", p.options())
			require.ErrorContains(t, err, "in the cache: "+filepath.Join(dir, images)+": not the original file")
			require.ErrorContains(t, err, "delete it to have it downloaded again")
		})
	}
}

func TestAPageInTheCacheIsCalledOne(t *testing.T) {
	p := newPlace(t)
	p.files["t10k-labels-idx1-ubyte.gz"] = []byte("<!DOCTYPE html><html><title>Sign in</title></html>")
	put(t, filepath.Join(p.cache, "first"), p.files)
	_, err := p.open(t, "first", p.options())
	require.ErrorContains(t, err, "t10k-labels-idx1-ubyte.gz: not the original file")
	require.ErrorContains(t, err, "it is an HTML page")
}

func TestOpenDigitsNeedsNothing(t *testing.T) {
	set, err := Open(t.Context(), "digits", Options{Seed: 7, Log: io.Discard, Getenv: func(string) string { return "/nowhere" }})
	require.NoError(t, err)
	require.Equal(t, "digits", set.Name)
	require.Equal(t, "generated digits, seed 7", set.Source)
	require.Equal(t, 60000, set.Train.Len())
	require.Equal(t, 10000, set.Test.Len())
	for i := range 20 {
		require.NotEqual(t, read(t, set.Train, i)[0], read(t, set.Test, i)[0])
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"auto", "mnist", "digits", "."} {
		_, err := Open(ctx, name, Options{Log: io.Discard})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, name)
	}
}

func TestStaleTemporaryFilesAreRemoved(t *testing.T) {
	p := newPlace(t)
	dir := filepath.Join(p.cache, "first")
	put(t, dir, map[string][]byte{"old.part": nil, "new.part": nil, "kept": nil})
	long := time.Now().Add(-48 * time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "old.part"), long, long))
	_, err := p.open(t, "first", p.options())
	require.NoError(t, err)
	require.NoFileExists(t, filepath.Join(dir, "old.part"))
	require.FileExists(t, filepath.Join(dir, "new.part"))
	require.FileExists(t, filepath.Join(dir, "kept"))
}
