package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDenoisedPicturesAreCloserToTheCleanOnes(t *testing.T) {
	var out strings.Builder
	folder := t.TempDir()
	require.NoError(t, run(&out, options{data: "digits", samples: 1000, epochs: 6, folder: folder}))
	t.Log(out.String())
	_, line, found := strings.Cut(out.String(), "mean squared error: ")
	require.True(t, found)
	var noisy, denoised float64
	_, err := fmt.Sscanf(line, "noisy %f, denoised %f", &noisy, &denoised)
	require.NoError(t, err)
	require.InDelta(t, 0.25, noisy, 0.01, "the variance of the noise")
	require.Less(t, denoised, noisy/4)
	require.FileExists(t, filepath.Join(folder, "denoise.png"))
}
