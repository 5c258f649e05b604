package recipe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Cleaned is a picture that was cleaned.
type Cleaned struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Before, After and Median say how near the picture was to the clean one, how near it
	// is, and how near a median filter of 3 by 3 pixels brings it; nil without clean
	// pictures.
	Before *Nearness `json:"before,omitempty"`
	After  *Nearness `json:"after,omitempty"`
	Median *Nearness `json:"median,omitempty"`
}

// Denoise cleans the pictures of a folder: it writes their reconstructions to another
// folder, under the same names as PNG files. If clean is the folder of the clean pictures,
// by the same names, the result says how near to them the pictures are. Pictures are
// brought to the size of those that the model was trained on.
func (r *Run) Denoise(ctx context.Context, dir, out, clean string) ([]Cleaned, error) {
	if out == "" {
		return nil, errors.New("no folder for the clean pictures: name one with -o")
	}
	if same, err := sameFolder(dir, out); err != nil || same {
		return nil, errors.Join(err, fmt.Errorf("-o %s is the folder of the pictures themselves: choose another", out))
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file: want a folder of pictures", dir)
	}
	in, err := r.pictureSet(ctx, dir)
	if err != nil {
		return nil, err
	}
	var truth *Input
	if clean != "" {
		if truth, err = r.pictureSet(ctx, clean); err != nil {
			return nil, err
		}
		if err := sameNames(dir, in.Paths, clean, truth.Paths); err != nil {
			return nil, err
		}
	}
	x, err := data.FieldOf(in, graph.InputX)
	if err != nil {
		return nil, err
	}
	var done []Cleaned
	const atOnce = 64
	for from := 0; from < in.Len(); from += atOnce {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		n := min(atOnce, in.Len()-from)
		some, err := data.Subset(in.Set, from, from+n)
		if err != nil {
			return done, err
		}
		noisy, err := data.ArrayOf(some, graph.InputX)
		if err != nil {
			return done, err
		}
		recon, err := r.Model.Compute(some, graph.OutputRecon)
		if err != nil {
			return done, err
		}
		size := x.Size()
		if len(recon[0].Data) != n*size {
			return done, fmt.Errorf("the model's reconstructions %v are no pictures of the shape %v", recon[0].Shape[1:], x.Shape)
		}
		var truths vm.Array
		if truth != nil {
			part, err := data.Subset(truth.Set, from, from+n)
			if err != nil {
				return done, err
			}
			a, err := data.ArrayOf(part, graph.InputX)
			if err != nil {
				return done, err
			}
			truths.Data = a.Values
		}
		for i := range n {
			c := Cleaned{From: in.Paths[from+i]}
			if c.To, err = writeCleaned(dir, out, c.From, x.Shape, recon[0].Data[i*size:(i+1)*size]); err != nil {
				return done, err
			}
			if truth != nil {
				want, was := truths.Data[i*size:(i+1)*size], noisy.Values[i*size:(i+1)*size]
				for _, n := range []struct {
					to **Nearness
					x  []float32
				}{{&c.Before, was}, {&c.After, recon[0].Data[i*size : (i+1)*size]}, {&c.Median, median(was, x.Shape[1], x.Shape[2])}} {
					if *n.to, err = nearness(n.x, want, x.Shape[1], x.Shape[2]); err != nil {
						return done, err
					}
				}
			}
			done = append(done, c)
		}
	}
	return done, nil
}

// pictureSet opens a folder of pictures as the model reads them.
func (r *Run) pictureSet(ctx context.Context, dir string) (*Input, error) {
	x, ok := r.sampleShape()
	if !ok {
		x, _ = r.Model.Shape(graph.InputX)
	}
	if len(x) != 3 || x[0] != 1 && x[0] != 3 {
		return nil, fmt.Errorf("the model takes samples %v, not pictures [1,H,W] or [3,H,W]: train one on pictures", x)
	}
	d := Data{Format: "pictures", Size: []int{x[1], x[2]}, Grey: new(x[0] == 1), Fit: r.Recipe.Data.Fit}
	s, err := d.open(ctx, dir, nil, environment{})
	if err != nil {
		return nil, err
	}
	return &Input{Set: s.train, Where: s.where, Paths: s.paths}, nil
}

// writeCleaned writes a picture under the name and in the folder that it had.
func writeCleaned(dir, out, from string, shape []int, x []float32) (string, error) {
	name, err := filepath.Rel(dir, from)
	if err != nil {
		return "", err
	}
	img, err := Picture(shape, x)
	if err != nil {
		return "", err
	}
	path := filepath.Join(out, strings.TrimSuffix(name, filepath.Ext(name))+".png")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, WritePNG(path, img)
}

// sameNames returns an error unless two folders have pictures of the same names.
func sameNames(a string, as []string, b string, bs []string) error {
	if len(as) != len(bs) {
		return fmt.Errorf("%s has %d pictures and %s has %d: want the same ones", a, len(as), b, len(bs))
	}
	bare := func(dir, path string) string {
		name, _ := filepath.Rel(dir, path)
		return strings.TrimSuffix(name, filepath.Ext(name))
	}
	for i := range as {
		if x, y := bare(a, as[i]), bare(b, bs[i]); x != y {
			return fmt.Errorf("%s has the picture %s where %s has %s: want the same names", a, x, b, y)
		}
	}
	return nil
}

// sameFolder reports whether two paths are one folder.
func sameFolder(a, b string) (bool, error) {
	x, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	y, err := filepath.Abs(b)
	return x == y, err
}
