// Samples that a run folder keeps, so that a model can be tried where its data are not.

package recipe

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// How many samples a run folder keeps: the first of the test part, and as few as fit into the values.
const (
	mostKept       = 12
	mostKeptValues = 1 << 18
)

// keep writes the first samples of a set to the run folder.
func (r *Run) keep(set data.Set) error {
	if set == nil || set.Len() == 0 {
		return nil
	}
	x, err := data.FieldOf(set, graph.InputX)
	if err != nil {
		return nil // a net with other inputs
	}
	n := min(mostKept, mostKeptValues/max(1, graph.Shape(x.Shape).Size()))
	if n == 0 {
		return nil
	}
	var arrays []data.Array
	for _, f := range set.Fields() {
		a, err := data.ArrayOf(data.Limit(set, n), f.Name)
		if err != nil {
			return err
		}
		arrays = append(arrays, a)
	}
	return data.SaveNPZ(filepath.Join(r.Dir, SamplesFile), data.NPYFloat32, arrays...)
}

// Samples are some samples of the run, by the names of the net's inputs and in the scale of the data: those that the folder
// keeps, else the first of the test part, if the data are on this machine. nil means that there are none.
func (r *Run) Samples(ctx context.Context) ([]vm.Array, error) {
	path := filepath.Join(r.Dir, SamplesFile)
	_, err := os.Stat(path)
	if r.Dir == "" {
		return nil, nil
	} else if errors.Is(err, fs.ErrNotExist) {
		in, err := r.Set(ctx, "")
		if err != nil {
			return nil, nil
		}
		if err := r.keep(in); err != nil {
			return nil, nil // such as a folder that cannot be written
		}
		if _, err := os.Stat(path); err != nil {
			return nil, nil
		}
	}
	file, err := data.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	var out []vm.Array
	for _, a := range file.Arrays {
		out = append(out, vm.Array{Name: a.Name, Shape: append([]int{a.Len()}, a.Shape...), Data: a.Values})
	}
	return out, nil
}
