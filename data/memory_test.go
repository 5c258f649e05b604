package data

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestALongStreamNeedsLittleMemory reads 200,000 samples, 240 MB of values, through a shuffle buffer and an
// augmentation.
func TestALongStreamNeedsLittleMemory(t *testing.T) {
	const n, size = 200_000, 300
	fields := []Field{{Name: "x", Shape: []int{size}}, {Name: "label", Classes: 10}}
	source := FromFunc(fields, func(int) (func([][]float32) error, error) {
		i := 0
		return func(to [][]float32) error {
			if i == n {
				return io.EOF
			}
			setAll(to[0], float32(i))
			to[1][0] = float32(i % 10)
			i++
			return nil
		}, nil
	})
	b, err := NewStreamBatches(Shuffle(source, 1000, 1), BatchOptions{Size: 100, Augment: []Augmentation{SaltAndPepper{Fraction: 0.01}}})
	require.NoError(t, err)
	defer b.Close()
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	before, most, samples := inUse(), uint64(0), 0
	for batches := 0; ; batches++ {
		batch, err := b.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		samples += batch.N
		if batches%500 == 499 {
			most = max(most, inUse())
		}
	}
	require.Equal(t, n, samples)
	require.Less(t, most, before+10<<20, "the buffer is 1.2 MB, each batch 0.12 MB")
}
