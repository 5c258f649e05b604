package data

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// augmentations are all but Mixup, each on the image.
func augmentations() map[string]Augmentation {
	return map[string]Augmentation{
		"rotation": Warp{Rotate: 20}, "shift": Warp{Shift: 2.5}, "scale": Warp{Scale: 0.2}, "shear": Warp{Shear: 0.2},
		"elastic": Warp{Elastic: 1.4}, "all of a warp": Warp{Rotate: 10, Shift: 2, Scale: 0.1, Shear: 0.1, Elastic: 1},
		"crop": Crop{Pad: 3}, "flip": Flip{Horizontal: 0.5, Vertical: 0.5}, "erase": Erase{}, "noise": Noise{Deviation: 0.2},
		"salt and pepper": SaltAndPepper{Fraction: 0.1},
		"function": AugmentFunc(func(r *rand.Rand, sample [][]float32) error {
			sample[0][r.IntN(784)] = r.Float32()
			return nil
		}),
	}
}

// epochs reads the images of some epochs of batches from where they are, [samples][784].
func epochs(t testing.TB, b *Batches, n int) (images [][]float32) {
	t.Helper()
	for n > 0 {
		batch, err := b.Next(t.Context())
		if err == io.EOF {
			n--
			continue
		}
		require.NoError(t, err)
		for x := range slices.Chunk(batch.Field("x"), 784) {
			images = append(images, slices.Clone(x))
		}
	}
	return images
}

// batchesOf returns batches until the end of the test.
func batchesOf(t testing.TB, set Set, opts BatchOptions) *Batches {
	t.Helper()
	b, err := NewBatches(set, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func TestWhatBecomesOfASampleDependsOnItsPlaceAlone(t *testing.T) {
	set := handwritten(t, 30)
	for name, a := range augmentations() {
		t.Run(name, func(t *testing.T) {
			opts := BatchOptions{Size: 30, Shuffle: true, Seed: 5, Augment: []Augmentation{a}, Prefetch: -1}
			want := epochs(t, batchesOf(t, set, opts), 2)
			require.NotEqual(t, epochs(t, batchesOf(t, set, BatchOptions{Shuffle: true, Seed: 5}), 2), want)
			require.NotEqual(t, want[:30], want[30:])
			for _, opts.Prefetch = range []int{-1, 3} {
				for _, opts.Size = range []int{1, 7, 100} {
					require.Equal(t, want, epochs(t, batchesOf(t, set, opts), 2), "size %d, prefetch %d", opts.Size, opts.Prefetch)
				}
			}
			for _, opts.Workers = range []int{1, 2, 40} {
				require.Equal(t, want, epochs(t, batchesOf(t, set, opts), 2), "%d workers", opts.Workers)
			}
			opts.Help = threeTimes
			for _, opts.Prefetch = range []int{-1, 3} {
				require.Equal(t, want, epochs(t, batchesOf(t, set, opts), 2), "helped, prefetch %d", opts.Prefetch)
			}
			opts.Seed = 6
			require.NotEqual(t, want, epochs(t, batchesOf(t, set, opts), 2))
		})
	}
}

// threeTimes calls work on three goroutines.
func threeTimes(work func()) {
	var all sync.WaitGroup
	for range 3 {
		all.Go(work)
	}
	all.Wait()
}

func TestAugmentedSamplesAreTheSameAfterSeek(t *testing.T) {
	var all []Augmentation
	for _, name := range []string{"all of a warp", "crop", "flip", "erase", "noise", "salt and pepper", "function"} {
		all = append(all, augmentations()[name])
	}
	all = append(all, Mixup{Fields: []string{"x"}})
	everyWay(t, func(t *testing.T, prefetch int) {
		opts := BatchOptions{Size: 4, Seed: 5, Augment: all, Prefetch: prefetch}
		for name, batches := range map[string]func() *Batches{
			"set": func() *Batches {
				opts := opts
				opts.Shuffle = true
				return batchesOf(t, handwritten(t, 18), opts)
			},
			"stream": func() *Batches {
				b, err := NewStreamBatches(Shuffle(FromSet(handwritten(t, 18)), 6, 1), opts)
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, b.Close()) })
				return b
			},
		} {
			want := epochs(t, batches(), 3)
			b := batches()
			epochs(t, b, 1)
			_, err := b.Next(t.Context())
			require.NoError(t, err)
			_, err = b.Next(t.Context())
			require.NoError(t, err)
			p := b.Position()
			require.Equal(t, 8, p.Next)
			require.Equal(t, want[26:], epochs(t, b, 2), name)
			require.NoError(t, b.Seek(p))
			require.Equal(t, want[26:], epochs(t, b, 2), "%s, back", name)
			resumed := batches()
			require.NoError(t, resumed.Seek(p))
			require.Equal(t, want[26:], epochs(t, resumed, 2), "%s, resumed", name)
		}
	})
}

func TestMixupDoesNotDependOnTheWorkers(t *testing.T) {
	opts := BatchOptions{Size: 7, Seed: 5, Augment: []Augmentation{Noise{Deviation: 0.1}, Mixup{Fields: []string{"x"}}, Crop{Pad: 1}}}
	want := epochs(t, batchesOf(t, handwritten(t, 30), opts), 2)
	opts.Workers = 3
	require.Equal(t, want, epochs(t, batchesOf(t, handwritten(t, 30), opts), 2))
	opts.Help = threeTimes
	require.Equal(t, want, epochs(t, batchesOf(t, handwritten(t, 30), opts), 2))
	opts.Workers = -1
	_, err := NewBatches(handwritten(t, 3), opts)
	require.ErrorContains(t, err, "batches: -1 workers: want 1 to 1024")
}

func TestAugmentationDoesNotChangeTheSet(t *testing.T) {
	x, err := ArrayOf(handwritten(t, 10), "x")
	require.NoError(t, err)
	before := slices.Clone(x.Values)
	for _, a := range augmentations() {
		epochs(t, batchesOf(t, must(InMemory(x))(t), BatchOptions{Augment: []Augmentation{a}}), 2)
		require.Equal(t, before, x.Values)
	}
}

// TestAugmentationIsTheSameOnEveryPlatform compares a sum of the bits of images.
func TestAugmentationIsTheSameOnEveryPlatform(t *testing.T) {
	for name, want := range map[string]uint64{
		"all of a warp": 0x9cda6d3f51052753, "crop": 0xf5c4229d47dfa225, "flip": 0xb3460a4f3e6e49ad, "erase": 0x972fadcf093845b3, "salt and pepper": 0xa691e248efc1129a,
	} {
		sum := fnv.New64a()
		for _, image := range epochs(t, batchesOf(t, handwritten(t, 20), BatchOptions{Seed: 1, Augment: []Augmentation{augmentations()[name]}}), 2) {
			for _, v := range image {
				bits := math.Float32bits(v)
				_, err := sum.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
				require.NoError(t, err)
			}
		}
		assert.Equal(t, want, sum.Sum64(), name)
	}
}

func TestWhatCannotBeAugmentedIsAnError(t *testing.T) {
	flat := must(Reshape(handwritten(t, 3), "x", 784))(t)
	small := must(InMemory(Array{Name: "mask", Shape: []int{14, 14}, Values: make([]float32, 3*196)}))(t)
	both := must(With(handwritten(t, 3), small))(t)
	nan := math.NaN()
	for want, try := range map[string]struct {
		set Set
		a   Augmentation
	}{
		"batches: augmentation 0 is nil":             {both, nil},
		"augmentation 0 is nil: leave it out":        {both, (*Warp)(nil)},
		"Smooth is 0.1: want at least 0.5":           {both, Warp{Elastic: 1, Smooth: 0.1}},
		"augmentation 0, data.Warp: no field":        {both, Warp{Fields: []string{"y"}}},
		"give it the shape [channels height width]":  {flat, Crop{Pad: 1}},
		"do not have the same height and width":      {both, Flip{Fields: []string{"x", "mask"}}},
		"Rotate is 200: want a number from 0 to 180": {both, Warp{Rotate: 200}},
		"Shift is NaN": {both, Warp{Shift: nan}},
		"Scale is 1: want a number from 0 to below 1":                                  {both, Warp{Scale: 1}},
		"Pad is 0: want 1 to":                                                          {both, Crop{}},
		"Vertical is -1: want a probability":                                           {both, Flip{Vertical: -1}},
		"want 0 <= Least <= Most <= 1":                                                 {both, Erase{Least: 0.5}},
		"Probability is 2":                                                             {both, Erase{Probability: 2}},
		"Deviation is 0: want a number above 0":                                        {both, Noise{}},
		"Min is 1 and Max is 1: want Min below Max":                                    {both, Noise{Deviation: 1, Min: 1, Max: 1}},
		"field label [] of 10 classes is of classes: leave it out, or make it one-hot": {both, Mixup{}},
		"field label [] of 10 classes is of classes":                                   {both, Noise{Fields: []string{"label"}, Deviation: 1}},
		"Alpha is 2: want a number from 0.01 to 1":                                     {both, Mixup{Alpha: 2}},
		"Fraction is NaN":                                                              {both, SaltAndPepper{Fraction: nan}},
		"data.AugmentFunc: no function":                                                {both, AugmentFunc(nil)},
	} {
		_, err := NewBatches(try.set, BatchOptions{Augment: []Augmentation{try.a}})
		require.ErrorContains(t, err, want)
		_, err = NewStreamBatches(FromSet(try.set), BatchOptions{Augment: []Augmentation{try.a}})
		require.ErrorContains(t, err, want)
	}
}

func TestAnErrorOfAnAugmentationNamesTheSample(t *testing.T) {
	calls := 0
	b := batchesOf(t, handwritten(t, 10), BatchOptions{Size: 4, Prefetch: -1, Augment: []Augmentation{
		AugmentFunc(func(*rand.Rand, [][]float32) error {
			if calls++; calls == 7 {
				return fmt.Errorf("no sense in it: %w", io.EOF)
			}
			return nil
		}),
	}})
	_, err := b.Next(t.Context())
	require.NoError(t, err)
	for range 2 {
		_, err = b.Next(t.Context())
		require.ErrorContains(t, err, "sample 6 of epoch 0, augmented: no sense in it")
		require.False(t, errors.Is(err, io.EOF))
	}
	require.Equal(t, 4, b.Position().Next)
	require.NoError(t, b.Seek(b.Position()))
	_, err = b.Next(t.Context())
	require.NoError(t, err)
}
