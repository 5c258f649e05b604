package recipe

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/restore"
	"github.com/stheno-ml/stheno/train"
)

// damaged makes the samples those of a restoration. With data.damage, x is damaged and
// target is what it was. With data.hide, mask is 0 where a sample is hidden. The damage of a
// sample is always the same; redraw draws it anew while training.
func (d Data) damaged(set data.Set, seed uint64) (data.Set, error) {
	if set == nil || d.Damage.Kind == "" && d.Hide.Kind == "" {
		return set, nil
	}
	x, err := data.FieldOf(set, graph.InputX)
	if err != nil {
		return nil, err
	}
	shape := pictureShape(x.Shape)
	if d.Damage.Kind != "" {
		if err := d.Damage.CheckShape(shape); err != nil {
			return nil, fmt.Errorf("data.damage: %w", err)
		}
		at := slices.IndexFunc(set.Fields(), func(f data.Field) bool { return f.Name == graph.InputX })
		made := []data.Field{{Name: graph.InputX, Shape: x.Shape}, {Name: graph.InputTarget, Shape: x.Shape}}
		return data.Map(set, made, seed, func(_ int, r *rand.Rand, from, to [][]float32) error {
			copy(to[0], from[at])
			copy(to[1], from[at])
			return d.Damage.Apply(r, to[0], shape, d.Cut.Size > 0)
		})
	}
	if err := d.Hide.CheckShape(shape); err != nil {
		return nil, fmt.Errorf("data.hide: %w", err)
	}
	given, err := d.mask(shape)
	if err != nil {
		return nil, err
	}
	return data.Map(set, []data.Field{{Name: graph.InputMask, Shape: x.Shape}}, seed, func(_ int, r *rand.Rand, _, to [][]float32) error {
		if given != nil {
			copy(to[0], given)
			return nil
		}
		return d.Hide.Apply(r, to[0], shape)
	})
}

// redraw draws the damage of a training sample anew in each epoch, where it is random.
func (d Data) redraw(set data.Set) []data.Augmentation {
	index := func(name string) int {
		return slices.IndexFunc(set.Fields(), func(f data.Field) bool { return f.Name == name })
	}
	x, target, mask := index(graph.InputX), index(graph.InputTarget), index(graph.InputMask)
	if x < 0 {
		return nil
	}
	shape := pictureShape(set.Fields()[x].Shape)
	switch {
	case target >= 0 && d.Damage.Kind != "" && (d.Damage.Kind != restore.JPEG || d.Cut.Size > 0):
		return []data.Augmentation{data.AugmentFunc(func(r *rand.Rand, sample [][]float32) error {
			copy(sample[x], sample[target])
			return d.Damage.Apply(r, sample[x], shape, d.Cut.Size > 0)
		})}
	case mask >= 0 && d.Hide.Kind == restore.Block:
		return []data.Augmentation{data.AugmentFunc(func(r *rand.Rand, sample [][]float32) error {
			return d.Hide.Apply(r, sample[mask], shape)
		})}
	}
	return nil
}

// mask is the mask that data.hide names, for samples of a shape; nil if it names none.
func (d Data) mask(shape []int) ([]float32, error) {
	if d.Hide.Kind != restore.Given {
		return nil, nil
	}
	p, err := data.OpenPicture(d.Hide.Mask, data.ImageFolderOptions{Grey: true})
	if err != nil {
		return nil, fmt.Errorf("the mask: %w", err)
	}
	if p.Shape[1] != shape[1] || p.Shape[2] != shape[2] {
		return nil, fmt.Errorf("the mask %s has %d by %d pixels, and the pictures have %d by %d: want the same", d.Hide.Mask, p.Shape[1], p.Shape[2], shape[1], shape[2])
	}
	mask, err := restore.MaskOf(p.Values, p.Shape, shape[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Hide.Mask, err)
	}
	return mask, nil
}

// checkRestoration checks the settings of a restoration.
func (d Data) checkRestoration() error {
	if err := d.Damage.Check(); err != nil {
		return fmt.Errorf("data.damage: %w", err)
	}
	if err := d.Hide.Check(); err != nil {
		return fmt.Errorf("data.hide: %w", err)
	}
	if d.Damage.Kind != "" && d.Hide.Kind != "" {
		return fmt.Errorf("data.damage and data.hide: a model learns to undo one of them: leave one out")
	}
	if d.Cut.Planes && d.Cut.Size == 0 {
		return fmt.Errorf("data.cut.planes: only squares are cut into planes: set data.cut.size")
	}
	if d.Cut.Size < 0 || d.Cut.Count < 0 || d.SampleRate < 0 {
		return fmt.Errorf("data.cut.size %d, data.cut.count %d, data.sampleRate %d: none can be negative", d.Cut.Size, d.Cut.Count, d.SampleRate)
	}
	return nil
}

// pictureShape is the shape of a sample as a picture [C,H,W]: a sound [1,steps] has one row.
func pictureShape(shape []int) []int {
	if len(shape) == 2 && shape[0] == 1 {
		return []int{1, 1, shape[1]}
	}
	return shape
}

// checkReads returns an error if the model does not read what the data say is to restore.
func (r *Recipe) checkReads() error {
	for _, c := range []struct {
		set             bool
		key, input, has string
	}{
		{r.Data.Damage.Kind != "", "data.damage", graph.InputTarget, "conv.Denoising"},
		{r.Data.Hide.Kind != "", "data.hide", graph.InputMask, "conv.Inpainting"},
	} {
		if !c.set {
			continue
		}
		p, err := train.EvalProgram(r.Model.Value, 1, train.Options{})
		if err != nil {
			return err
		}
		if _, ok := p.Input(c.input); !ok {
			return fmt.Errorf("%s: the model %s does not read %q: take %s, or leave it out", c.key, r.ModelType(), c.input, c.has)
		}
	}
	return nil
}
