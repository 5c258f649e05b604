package data

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkBatch is the time to prepare a batch of 128 images of 28 by 28, on one thread.
func BenchmarkBatch(b *testing.B) {
	set := handwritten(b, 1024)
	for _, c := range []struct {
		name    string
		augment []Augmentation
	}{
		{"plain", nil},
		{"rotation and shift", []Augmentation{Warp{Rotate: 15, Shift: 2}}},
		{"elastic", []Augmentation{Warp{Elastic: 1.4}}},
		{"rotation, shift and elastic", []Augmentation{Warp{Rotate: 15, Shift: 2, Elastic: 1.4}}},
		{"crop and flip", []Augmentation{Crop{Pad: 3}, Flip{Horizontal: 0.5}}},
		{"erase", []Augmentation{Erase{}}},
		{"noise", []Augmentation{Noise{Deviation: 0.2, Max: 1}}},
		{"salt and pepper", []Augmentation{SaltAndPepper{Fraction: 0.1}}},
		{"mixup", []Augmentation{Mixup{Fields: []string{"x"}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			batches, err := NewBatches(set, BatchOptions{Shuffle: true, Prefetch: -1, Augment: c.augment})
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
