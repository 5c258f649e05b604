// Open: finding a data set by name, in the nearest place that has it.

package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Dataset is a set to train on and a set to test on.
type Dataset struct {
	Name   string // what it is: "mnist", "emnist-letters" and so on, "digits" if generated, or the name of the folder
	Train  Set
	Test   Set
	Source string // where it came from, in one line
}

// Options are the options of Open. The zero value suits most programs.
type Options struct {
	// Dir, if set, is the folder to look in for a data set opened by its name; if the data set is not there, that is an
	// error.
	Dir string
	// CacheDir is where downloaded files are kept; "": the folder stheno in os.UserCacheDir(). It has a folder for each
	// data set, by name.
	CacheDir string
	// Getenv reads the environment; nil: os.Getenv.
	Getenv func(string) string
	// Offline forbids the download.
	Offline bool
	// Mirrors are the addresses of the folders to download from, tried in order; nil: the data set's public ones.
	Mirrors []string
	// ConnectTimeout is the longest wait for a connection to a mirror, name lookup and TLS included; 0: 1.4 s.
	ConnectTimeout time.Duration
	// StallTimeout is the longest wait for the next bytes from a mirror; 0: 20 s.
	StallTimeout time.Duration
	// Log gets the progress of a download, and a line if Open falls back to generated digits; nil: os.Stderr.
	Log io.Writer
	// Classes is the number of classes of a folder's labels; 0: 10.
	Classes int
	// Seed is the seed of the generated digits.
	Seed uint64
	// Train and Test are the numbers of generated digits; 0: 60000 and 10000.
	Train, Test int
}

// Open opens a data set by name:
//
//   - "mnist" or "fashion-mnist": looked for in Options.Dir, in the folder that $STHENO_DATA names, in the user's
//     cache, then downloaded into the cache from public mirrors and checked by SHA-256. In a folder, the files may be
//     in a folder of the data set's name or directly, packed or not. Where nothing can be had (no network, or
//     Options.Offline), the result is generated digits, which Options.Log gets one line about, and Name and Source say.
//   - "auto" or "": the same as "mnist".
//   - "qmnist", and "emnist-letters" and its like (balanced, byclass, bymerge, digits, mnist): looked for in Options.Dir,
//     else in the folder that $STHENO_DATA names and in the cache, under the names that they are published by, directly
//     or in a folder qmnist, emnist, or gzip as the archive of EMNIST unpacks. They are not downloaded, and not found is
//     an error. EMNIST's images, which are stored transposed, are upright; letters, stored as 1 to 26, are 0 to 25.
//   - "digits": generated digits, see NewDigits. Train and test sets have no image in common.
//   - "swiss-roll" and "s-curve": 4,000 and 1,000 points on a curved surface, see NewSwissRoll.
//   - anything else: a folder that holds a data set of that kind, directly or in a folder mnist. It need not be a
//     published one: images [n,h,w] of any size, labels below Options.Classes.
//
// A folder that was named and has no data set, and any file that is damaged, wrong or missing among the four of a data
// set, is an error that names it, and so is the end of ctx; only "not found anywhere" falls back. $STHENO_DATA may lack
// the data set if it has another one.
func Open(ctx context.Context, name string, opts Options) (*Dataset, error) {
	set, err := open(ctx, name, opts.defaults(), collections())
	if err != nil {
		return nil, fmt.Errorf("data set %q: %w", name, err)
	}
	return set, nil
}

func (o Options) defaults() Options {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 1400 * time.Millisecond
	}
	if o.StallTimeout <= 0 {
		o.StallTimeout = 20 * time.Second
	}
	if o.Classes == 0 {
		o.Classes = 10
	}
	if o.Train <= 0 {
		o.Train = 60000
	}
	if o.Test <= 0 {
		o.Test = 10000
	}
	return o
}

// open is Open among the known collections.
func open(ctx context.Context, name string, opts Options, known []collection) (*Dataset, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	switch name {
	case "digits":
		return generate(opts, fmt.Sprintf("generated digits, seed %d", opts.Seed)), nil
	case "auto", "":
		name = known[0].name
	}
	if set, ok := openSurface(name, opts); ok {
		return set, nil
	}
	for i := range known {
		if known[i].name == name {
			return openKnown(ctx, &known[i], opts, known)
		}
	}
	for _, a := range archives() {
		if a.name == name {
			return a.open(ctx, opts, known)
		}
	}
	return openFolder(ctx, name, opts, known)
}

// openFolder opens whatever data set is in a folder that the user named.
func openFolder(ctx context.Context, dir string, opts Options, known []collection) (*Dataset, error) {
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such folder, and the names are auto, mnist, fashion-mnist, digits, swiss-roll, s-curve, qmnist and emnist-balanced, -byclass, -bymerge, -digits, -letters and -mnist")
	} else if err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, errors.New("not a folder; name the folder that holds the IDX files")
	}
	files, at, err := readFolder(ctx, fileNames(), dir, "", known[0].name)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(at)
	if abs, err := filepath.Abs(at); err == nil {
		name = filepath.Base(abs)
	}
	if c := identify(files, known); c != nil {
		return assemble(c.name, c.classes, 0, files, at)
	}
	return assemble(name, opts.Classes, 0, files, at)
}

// openKnown opens a collection from the nearest place that has it.
func openKnown(ctx context.Context, c *collection, opts Options, known []collection) (*Dataset, error) {
	if opts.Dir != "" {
		return c.fromFolder(ctx, opts.Dir, "", known)
	}
	var missed []string // why each place was not used

	if dir := opts.Getenv("STHENO_DATA"); dir == "" {
		missed = append(missed, "STHENO_DATA is not set")
	} else {
		set, err := c.fromFolder(ctx, dir, "STHENO_DATA: ", known)
		switch {
		case err == nil:
			return set, nil
		case !errors.Is(err, fs.ErrNotExist) || !holdsAny(dir, known):
			return nil, fmt.Errorf("STHENO_DATA: %w", err)
		}
		missed = append(missed, "STHENO_DATA: "+err.Error())
	}

	cache, err := opts.cacheDir(c.name)
	if err != nil {
		missed = append(missed, fmt.Sprintf("no cache folder: %v", err))
	} else {
		source, err := c.fill(ctx, cache, opts)
		if err == nil {
			files, at, err := readFolder(ctx, fileNames(), cache, "")
			if err != nil {
				return nil, err
			}
			return assemble(c.name, c.classes, 0, files, source+" "+at)
		}
		if !errors.As(err, new(unavailable)) {
			return nil, err
		}
		missed = append(missed, err.Error())
	}

	why := strings.ReplaceAll(strings.Join(missed, "; "), "\n", " ")
	fmt.Fprintf(opts.Log, "data: no %s, so generated digits are used instead (%s)\n", c.name, why)
	return generate(opts, fmt.Sprintf("generated digits, seed %d, for want of %s (%s)", opts.Seed, c.name, why)), nil
}

// cacheDir returns the folder that keeps the files of the data set of that name.
func (o *Options) cacheDir(name string) (string, error) {
	dir := o.CacheDir
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(user, "stheno")
	}
	return filepath.Join(dir, name), nil
}

// maxKept is the largest number of generated digits that are kept once drawn, some 200 MB.
const maxKept = 1 << 18

// generate returns generated digits. The test images are those of the seed's sequence from 2^32 on.
func generate(opts Options, source string) *Dataset {
	draw := func(first uint64, n int) Set {
		d := newDigits(opts.Seed, first, n)
		if n > maxKept {
			return d
		}
		return keep(d)
	}
	return &Dataset{Name: "digits", Train: draw(0, opts.Train), Test: draw(1<<32, opts.Test), Source: source}
}
