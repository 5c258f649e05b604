package recipe

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/restore"
)

// photos opens pictures to restore: those of a folder, of a data set, or of the run's own
// test samples. Those of a model that was trained on cuts have their own size, others that
// of the model.
func (r *Run) photos(ctx context.Context, from string, limit int) ([]photo, error) {
	info, missing := os.Stat(from)
	if missing != nil && from != "" && !slices.Contains(named(), from) {
		return nil, fmt.Errorf("%s: there is no folder and no data set of this name", from)
	}
	tile, err := r.tile()
	if err != nil {
		return nil, err
	}
	if limit < 0 {
		return nil, fmt.Errorf("%d pictures: want at least 1, or 0 for all", limit)
	}
	switch {
	case from == "":
		in, err := r.part(ctx, TestPart)
		if err != nil {
			return nil, err
		}
		field := graph.InputX
		if r.Recipe.Data.Damage.Kind != "" {
			field = graph.InputTarget
		}
		return unpack(in.Set, field, nil, limit)
	case missing == nil && !info.IsDir():
		return nil, fmt.Errorf("%s is a file: want a folder of pictures", from)
	case missing == nil && r.Recipe.Data.Cut.Size > 0:
		f, err := data.OpenImageFolder(from, data.ImageFolderOptions{Flat: true})
		if err != nil {
			return nil, err
		}
		var out []photo
		for i := range f.Len() {
			if limit > 0 && i == limit {
				break
			}
			a, err := data.OpenPicture(f.Path(i), data.ImageFolderOptions{Grey: tile[0] == 1 && !r.Recipe.Data.Cut.Planes})
			if err != nil {
				return nil, err
			}
			out = append(out, photo{from: f.Path(i), shape: a.Shape, x: a.Values})
		}
		return out, nil
	}
	d := Data{Size: []int{tile[1], tile[2]}, Grey: new(tile[0] == 1), Fit: r.Recipe.Data.Fit}
	if missing == nil {
		d.Format = "pictures"
	}
	s, err := d.open(ctx, from, nil, environment{r.Recipe.DataDir, r.Recipe.Seed, nil})
	if err != nil {
		return nil, err
	}
	set := s.train
	if s.test != nil {
		set = s.test
	}
	x, err := data.FieldOf(set, graph.InputX)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(x.Shape, tile) {
		return nil, fmt.Errorf("%s has samples %v, and the model takes %v", from, x.Shape, tile)
	}
	return unpack(set, graph.InputX, s.paths, limit)
}

// unpack reads the pictures of a set.
func unpack(set data.Set, field string, paths []string, limit int) ([]photo, error) {
	if limit > 0 {
		set = data.Limit(set, limit)
	}
	a, err := data.ArrayOf(set, field)
	if err != nil {
		return nil, err
	}
	out := make([]photo, set.Len())
	size := graph.Shape(a.Shape).Size()
	for i := range out {
		out[i] = photo{from: fmt.Sprintf("%05d", i), shape: a.Shape, x: a.Values[i*size : (i+1)*size]}
		if i < len(paths) {
			out[i].from = paths[i]
			file, err := headerOf(paths[i])
			if err != nil {
				return nil, err
			}
			out[i].other = file.Height != a.Shape[1] || file.Width != a.Shape[2]
		}
	}
	return out, nil
}

// tile is the shape [C,H,W] of the pictures that the model takes.
func (r *Run) tile() ([]int, error) {
	x, ok := r.sampleShape()
	if !ok {
		x, _ = r.Model.Shape(graph.InputX)
	}
	if len(x) != 3 || x[0] != 1 && x[0] != 3 {
		return nil, fmt.Errorf("the model takes samples %v, not pictures [1,H,W] or [3,H,W]: train one on pictures", x)
	}
	return x, nil
}

// net restores pictures by the model, in tiles if they are larger than it takes.
func (r *Run) net(masked bool) (func(photo) ([]float32, error), error) {
	tile, err := r.tile()
	if err != nil {
		return nil, err
	}
	if _, reads := r.Model.Shape(graph.InputMask); reads != masked {
		want := map[bool]string{true: "one that reads what is hidden, such as conv.Inpainting", false: "one that reads pictures alone, such as conv.Denoising"}
		return nil, fmt.Errorf("the model %s is of another kind: want %s", r.Info.Model, want[masked])
	}
	return func(p photo) ([]float32, error) {
		t, err := restore.Cover(p.shape, tile)
		if err != nil {
			return nil, err
		}
		return t.Restore(p.x, p.mask, func(_ int, tiles, masks []float32) ([]float32, error) { return r.restore(tile, tiles, masks) })
	}, nil
}

// restore computes the net's reconstructions of samples [N, shape...].
func (r *Run) restore(shape []int, x, masks []float32) ([]float32, error) {
	arrays := []data.Array{{Name: graph.InputX, Shape: shape, Values: x}}
	if masks != nil {
		arrays = append(arrays, data.Array{Name: graph.InputMask, Shape: shape, Values: masks})
	}
	set, err := data.InMemory(arrays...)
	if err != nil {
		return nil, err
	}
	out, err := r.Model.Compute(set, graph.OutputRecon)
	if err != nil {
		return nil, err
	}
	if len(out[0].Data) != len(x) {
		return nil, fmt.Errorf("the model's reconstructions %v are no samples %v", out[0].Shape[1:], shape)
	}
	return out[0].Data, nil
}

// The sizes of principal components, whose covariance grows with the square.
const (
	mostDims       = 1024 // values of a picture that is taken whole
	patchSide      = 8    // the side of patches of larger ones, to clean
	fillSide       = 32   // the side of patches of one channel, to fill in
	mostForPCA     = 5000 // training pictures
	mostPatches    = 20000
	mostComponents = 256
)

// principal finds the principal components of the run's training pictures, and the tiles
// that they restore. They are nil if the training pictures are not at hand. To fill in, the
// channels of large pictures are taken one by one.
func (r *Run) principal(fill bool) (*restore.PCA, []int, error) {
	shape, err := r.tile()
	if err != nil || r.samples == nil && r.Recipe.Data.Source == "" {
		return nil, nil, err
	}
	in, err := r.part(context.Background(), TrainPart)
	if err != nil {
		return nil, nil, nil // only the comparison needs them
	}
	field := graph.InputX
	if r.Recipe.Data.Damage.Kind != "" {
		field = graph.InputTarget
	}
	known, err := unpack(in.Set, field, nil, mostForPCA)
	if err != nil {
		return nil, nil, err
	}
	tile := shape
	if graph.Shape(shape).Size() > mostDims {
		tile = []int{shape[0], min(patchSide, shape[1]), min(patchSide, shape[2])}
		if fill {
			tile = []int{1, min(fillSide, shape[1]), min(fillSide, shape[2])}
		}
	}
	var x []float32
	size := graph.Shape(tile).Size()
	for _, p := range known {
		t, err := restore.Cover(shape, tile)
		if err != nil {
			return nil, nil, err
		}
		x = append(x, t.Cut(p.x, 0, t.Len())...)
		if len(x) >= mostPatches*size {
			break
		}
	}
	pca, err := restore.FitPCA(x, size, min(mostComponents, len(x)/size))
	return pca, tile, err
}

// squaredError is the mean squared error of the hidden values, or of all if mask is nil.
func squaredError(x, want, mask []float32) float64 {
	sum, n := 0.0, 0.0
	for i, w := range want {
		if mask == nil || mask[i] == 0 {
			d := float64(min(1, max(0, x[i]))) - float64(w)
			sum, n = sum+d*d, n+1
		}
	}
	return sum / max(1, n)
}
