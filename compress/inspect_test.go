package compress_test

import (
	"bytes"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress"
)

func TestInspectSaysWhatAFileHas(t *testing.T) {
	whole, m := file(t)
	info, err := compress.Inspect(bytes.NewReader(whole))
	require.NoError(t, err)
	require.Equal(t, compress.Info{Lossless: true, Model: m.Hash(), Shape: []int{12}, Samples: 30}, info)
	var b bytes.Buffer
	_, err = compress.EncodeCodes(&b, codes(7, 3, 2), compress.CodeOptions{Step: 1, Model: compress.Hash{5}})
	require.NoError(t, err)
	info, err = compress.Inspect(&b)
	require.NoError(t, err)
	require.Equal(t, compress.Info{Model: compress.Hash{5}, Shape: []int{3, 2}, Samples: 7}, info)
	for n := range 43 {
		_, err = compress.Inspect(bytes.NewReader(whole[:n]))
		require.Error(t, err, "%d bytes", n)
	}
	_, err = compress.Inspect(iotest.ErrReader(iotest.ErrTimeout))
	require.ErrorIs(t, err, iotest.ErrTimeout)
	unknown := bytes.Clone(whole)
	unknown[9] = 7
	_, err = compress.Inspect(bytes.NewReader(unknown))
	require.ErrorContains(t, err, "unknown kind 7")
	_, err = compress.Inspect(nil)
	require.ErrorContains(t, err, "nothing to read from")
}
