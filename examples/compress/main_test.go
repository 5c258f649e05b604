package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPicturesComeBackAndNoiseDoesNotCompress(t *testing.T) {
	var out strings.Builder
	o := options{data: "digits", folder: t.TempDir(), samples: 500, test: 30, epochs: 2, seed: 1}
	require.NoError(t, run(context.Background(), &out, o))
	t.Log(out.String())
	require.Contains(t, out.String(), "30 pictures, the file:")
	require.Contains(t, out.String(), "the same bits came back")
	require.Contains(t, out.String(), "uniform noise")
}

func TestCodesAreDrawnBesideJPEGAndPCA(t *testing.T) {
	var out strings.Builder
	o := options{data: "digits", folder: t.TempDir(), samples: 200, test: 20, epochs: 1, seed: 1, lossy: true}
	require.NoError(t, run(context.Background(), &out, o))
	t.Log(out.String())
	for _, name := range []string{"autoencoder\n", "PCA\n", "JPEG\n", "autoencoder and its decoder\n"} {
		require.Contains(t, out.String(), name)
	}
	require.FileExists(t, filepath.Join(o.folder, "compression.png"))
}
