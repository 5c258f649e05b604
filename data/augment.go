// Augmentation: samples of batches, changed at random in every epoch.

package data

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// An Augmentation changes the samples of batches at random: see BatchOptions.Augment. They are Warp, Crop, Flip, Erase,
// Noise, SaltAndPepper, Mixup, and AugmentFunc for a function of the caller's.
type Augmentation interface {
	// prepare checks the augmentation, and returns what it does to the batches of such fields.
	prepare(in *layout) (change, error)
}

// A change changes the samples of a batch in place. It is for one goroutine at a time.
type change func(b *Batch, d draws) error

// draws are the random numbers of one augmentation of a batch.
type draws struct {
	seed        uint64
	step        int // the augmentation's place among all
	epoch, from int // of the batch's first sample
}

// of is the generator for sample i of the batch.
func (d draws) of(i int) splitMix { return splitMix(keyOf(d.seed, d.step, d.epoch, d.from+i)) }

// An AugmentFunc is an augmentation by a function, which changes one sample in place: a slice for each field of the set,
// in the order of its Fields. Its random numbers come from r alone. With BatchOptions.Workers above 1, it is called from
// several goroutines at once.
type AugmentFunc func(r *rand.Rand, sample [][]float32) error

func (f AugmentFunc) prepare(*layout) (change, error) {
	if f == nil {
		return nil, errors.New("no function")
	}
	var g splitMix
	r := rand.New(&g)
	return func(b *Batch, d draws) error {
		for i := range b.N {
			g = d.of(i)
			if err := f(r, b.at(i)); err != nil {
				return fmt.Errorf("sample %d of epoch %d, augmented: %w", b.First+i, b.Epoch, err)
			}
		}
		return nil
	}, nil
}

// chosen are the places of the named fields, of "x" if none is named.
func chosen(in *layout, fields []string) (at []int, err error) {
	if len(fields) == 0 {
		fields = []string{"x"}
	}
	for _, name := range fields {
		k, err := find(in.fields, name)
		if err != nil {
			return nil, err
		}
		at = append(at, k)
	}
	return at, nil
}

// pictures are fields of images of one height and width.
type pictures struct {
	at            []int // their places
	planes        []int // of each: how many images of one channel
	classes       []bool
	height, width int
}

// picturesOf are the named fields, of shape [channels,height,width] or [height,width].
func picturesOf(in *layout, fields []string) (*pictures, error) {
	at, err := chosen(in, fields)
	if err != nil {
		return nil, err
	}
	p := &pictures{at: at}
	for i, k := range at {
		f := in.fields[k]
		n := len(f.Shape)
		if n < 2 {
			return nil, fmt.Errorf("field %s is not an image: give it the shape [channels height width] by Reshape", f)
		}
		h, w := f.Shape[n-2], f.Shape[n-1]
		if i == 0 {
			p.height, p.width = h, w
		}
		if h != p.height || w != p.width {
			return nil, fmt.Errorf("field %s and field %s do not have the same height and width", in.fields[at[0]], f)
		}
		p.planes = append(p.planes, in.sizes[k]/(h*w))
		p.classes = append(p.classes, f.Classes > 0)
	}
	return p, nil
}

// plane is the memory of one channel of sample i in field number f of the pictures.
func (p *pictures) plane(b *Batch, i, f, channel int) []float32 {
	area := p.height * p.width
	start := (i*p.planes[f] + channel) * area
	return b.values[p.at[f]][start : start+area]
}

// fill is the value for pixels from outside the image: 0 for classes.
func (p *pictures) fill(f int, value float32) float32 {
	if p.classes[f] {
		return 0
	}
	return value
}
