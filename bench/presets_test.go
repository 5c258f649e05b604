//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/bench/internal/report"
)

func TestPresetsAreListed(t *testing.T) {
	out, err := command(t, "-presets", "list").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "keras-simple")
}

func TestPresetsRunForEachSeedAndAreReported(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-presets", "keras-simple", "-seeds", "2", "-quick", "-o", dir}
	out, err := command(t, args...).Output()
	require.NoError(t, err)
	require.Regexp(t, `keras-simple +test BCE`, string(out))
	r, err := report.Load(filepath.Join(dir, report.ResultsFile))
	require.NoError(t, err)
	require.Len(t, r.Presets, 2)
	require.Equal(t, uint64(2), r.Presets[1].Seed)
	_, untrained := r.Presets[0].Untrained.Get()
	require.True(t, untrained)
	page, err := os.ReadFile(filepath.Join(dir, report.PageFile))
	require.NoError(t, err)
	require.Contains(t, string(page), "keras-simple")

	again, err := command(t, args...).Output()
	require.NoError(t, err, "it goes on from the checkpoints of the complete training")
	require.NotEmpty(t, again)
}

func TestUnknownPresetsAreErrors(t *testing.T) {
	out, err := command(t, "-presets", "nonsense").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `"nonsense" is unknown: choose all, fast, or from`)
}
