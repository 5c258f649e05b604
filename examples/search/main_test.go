package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASearchFindsMoreThanThePreset(t *testing.T) {
	var out strings.Builder
	dir := t.TempDir()
	o := options{data: "digits", folder: dir, method: "gp", samples: 500, trials: 12, epochs: 1, finalSamples: 500, finalEpochs: 1, seed: 1}
	require.NoError(t, run(context.Background(), &out, o))
	t.Log(out.String())
	require.Less(t, nats(t, out.String(), "best"), nats(t, out.String(), "preset"))
	table, err := os.ReadFile(filepath.Join(dir, "trials.csv"))
	require.NoError(t, err)
	require.Equal(t, 13, strings.Count(string(table), "\n"))
	require.FileExists(t, filepath.Join(dir, "search.png"))
}

func TestASearchGoesOverFamilies(t *testing.T) {
	var out strings.Builder
	o := options{data: "digits", folder: t.TempDir(), method: "hyperband", samples: 64, trials: 9, epochs: 9, seed: 1, families: true, finalSamples: 64, finalEpochs: 1}
	require.NoError(t, run(context.Background(), &out, o))
	for _, model := range []string{"dense", "conv", "seq"} {
		require.Contains(t, out.String(), "model="+model)
	}
	require.NotContains(t, out.String(), "failed")
}

// nats reads the cross entropy of a model.
func nats(t *testing.T, out, model string) (v float64) {
	_, line, found := strings.Cut(out, "\n"+model+" after 1 epochs: ")
	require.True(t, found)
	_, err := fmt.Sscanf(line, "%f nats", &v)
	require.NoError(t, err)
	return v
}
