package compress_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/models/vae"
)

// BenchmarkImages codes 100 images of 784 pixels and 256 levels, and decodes them, on one
// goroutine.
func BenchmarkImages(b *testing.B) {
	config := vae.Config{Hidden: []int{200}, Latent: 50, BatchNorm: true, Likelihood: vae.BetaBinomial}
	m, err := compress.New(config, params(b, config))
	require.NoError(b, err)
	set := levels(b, 100, []int{784}, 256)
	var file bytes.Buffer
	_, err = compress.Encode(&file, m, set, compress.Options{})
	require.NoError(b, err)
	b.Run("encode", func(b *testing.B) {
		for range b.N {
			_, err := compress.Encode(&bytes.Buffer{}, m, set, compress.Options{Threads: 1})
			require.NoError(b, err)
		}
	})
	b.Run("decode", func(b *testing.B) {
		for range b.N {
			_, _, err := compress.Decode(bytes.NewReader(file.Bytes()), m, compress.Options{Threads: 1})
			require.NoError(b, err)
		}
	})
}
