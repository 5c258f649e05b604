package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMostDrawnPicturesAreOfTheRequestedDigit(t *testing.T) {
	var out strings.Builder
	folder := t.TempDir()
	require.NoError(t, run(&out, options{data: "digits", samples: 2000, epochs: 5, folder: folder}))
	t.Log(out.String())
	_, line, found := strings.Cut(out.String(), "requested digit: ")
	require.True(t, found)
	var right, of int
	_, err := fmt.Sscanf(line, "%d of %d", &right, &of)
	require.NoError(t, err)
	require.Equal(t, 120, of)
	require.Greater(t, right, of/2, "chance is a tenth")
	require.FileExists(t, filepath.Join(folder, "conditional.png"))
}
