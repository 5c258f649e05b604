package data

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkBatch is the time to prepare a batch of 128 images of 28 by 28, on one thread.
func BenchmarkBatch(b *testing.B) {
	plain := handwritten(b, 1024)
	scaler := fitted(b, plain, ScaleOptions{Per: PerAll})
	scaled := must(scaler.Apply(plain))(b)
	for _, c := range []struct {
		name    string
		set     Set
		augment []Augmentation
	}{
		{"plain", plain, nil},
		{"scaled", scaled, nil},
		{"rotation and shift", plain, []Augmentation{Warp{Rotate: 15, Shift: 2}}},
		{"elastic", plain, []Augmentation{Warp{Elastic: 1.4}}},
		{"rotation, shift and elastic", plain, []Augmentation{Warp{Rotate: 15, Shift: 2, Elastic: 1.4}}},
		{"crop and flip", plain, []Augmentation{Crop{Pad: 3}, Flip{Horizontal: 0.5}}},
		{"erase", plain, []Augmentation{Erase{}}},
		{"noise", plain, []Augmentation{Noise{Deviation: 0.2, Max: 1}}},
		{"salt and pepper", plain, []Augmentation{SaltAndPepper{Fraction: 0.1}}},
		{"mixup", plain, []Augmentation{Mixup{Fields: []string{"x"}}}},
		{"scaled, rotation, shift and elastic", scaled, []Augmentation{Warp{Rotate: 15, Shift: 2, Elastic: 1.4}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			batches, err := NewBatches(c.set, BatchOptions{Shuffle: true, Prefetch: -1, Augment: c.augment})
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := batches.Next(b.Context()); err != nil && err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
