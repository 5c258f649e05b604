package recipe_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/recipe"
)

const tiny = `
data: {source: digits, limit: 200}
model: {type: vae, hidden: [16], latent: 2}
train: {epochs: 2, batch: 50, optimizer: {type: adamw, rate: 0.002}, schedule: {beta: {from: 1, warmUp: 0.5}}}
seed: 3
threads: 1
`

func TestAConfigurationBecomesARunFolder(t *testing.T) {
	r, err := recipe.Parse([]byte(tiny), "tiny.yaml")
	require.NoError(t, err)
	require.Equal(t, vae.Config{Hidden: []int{16}, Latent: 2}, r.Model.Value)
	require.Equal(t, optim.AdamW{Adam: optim.Adam{Rate: new(0.002)}}, r.Training.Optimizer.Value)
	dir := filepath.Join(t.TempDir(), "run")
	run, err := r.Train(t.Context(), dir, recipe.Options{Command: []string{"stheno", "train"}})
	require.NoError(t, err)
	defer run.Close()
	for _, name := range []string{recipe.ConfigFile, recipe.InfoFile, recipe.LogFile, recipe.ModelFile, recipe.ReportFile, recipe.CheckpointsFolder, recipe.PicturesFolder} {
		_, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
	}
	var info recipe.Info
	text, err := os.ReadFile(filepath.Join(dir, recipe.InfoFile))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &info))
	require.Equal(t, recipe.Complete, info.Status)
	require.Equal(t, map[string]int{"train": 180, "validation": 20, "test": 200}, info.Samples)
	require.Equal(t, 2, info.Epochs)
	require.Contains(t, info.Test, "loss")

	config, err := os.ReadFile(filepath.Join(dir, recipe.ConfigFile))
	require.NoError(t, err)
	again, err := recipe.Parse(config, "config.yaml")
	require.NoError(t, err, string(config))
	text, err = again.YAML()
	require.NoError(t, err)
	require.Equal(t, string(config), string(text), "the complete configuration is read as itself")

	opened, err := recipe.Open(dir, recipe.OpenOptions{})
	require.NoError(t, err)
	defer opened.Close()
	means, err := opened.Evaluate(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, info.Test, means)
	z, _, err := opened.Encode(t.Context(), recipe.ValidationPart)
	require.NoError(t, err)
	require.Equal(t, []int{20, 2}, z.Shape)
	_, err = r.Train(t.Context(), dir, recipe.Options{})
	require.ErrorContains(t, err, "has a run")
}

// weights is the model file of a run.
func weights(t *testing.T, dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, recipe.ModelFile))
	require.NoError(t, err)
	return string(text)
}

func TestAResumedRunEndsInTheSameBits(t *testing.T) {
	dir := t.TempDir()
	whole, parts := filepath.Join(dir, "whole"), filepath.Join(dir, "parts")
	r, err := recipe.Parse([]byte(tiny), "tiny.yaml")
	require.NoError(t, err)
	run, err := r.Train(t.Context(), whole, recipe.Options{})
	require.NoError(t, err)
	require.NoError(t, run.Close())

	ctx, cancel := context.WithCancel(t.Context())
	r, err = recipe.Parse([]byte(tiny), "tiny.yaml")
	require.NoError(t, err)
	run, err = r.Train(ctx, parts, recipe.Options{Progress: stopAfter{"epoch 1", cancel}})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, recipe.Interrupted, run.Info.Status)
	require.NoError(t, run.Close())
	run, err = recipe.Resume(t.Context(), parts, recipe.Options{})
	require.NoError(t, err)
	require.Equal(t, recipe.Complete, run.Info.Status)
	require.NoError(t, run.Close())
	require.Equal(t, weights(t, whole), weights(t, parts))

	run, err = recipe.Resume(t.Context(), parts, recipe.Options{})
	require.NoError(t, err)
	require.Equal(t, 2, run.Info.Epochs, "nothing is left to train")
	require.NoError(t, run.Close())
	run, err = recipe.Resume(t.Context(), parts, recipe.Options{}, recipe.Setting{Key: "epochs", Value: "3"})
	require.NoError(t, err)
	require.Equal(t, 3, run.Info.Epochs)
	require.NoError(t, run.Close())
}

// stopAfter calls cancel when a line of the progress has a text.
type stopAfter struct {
	text   string
	cancel func()
}

func (s stopAfter) Write(line []byte) (int, error) {
	if strings.HasPrefix(string(line), s.text) {
		s.cancel()
	}
	return len(line), nil
}

func TestTheExampleInTheDocumentationTrains(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "command.md"))
	require.NoError(t, err)
	_, after, found := strings.Cut(string(page), "```yaml\n")
	require.True(t, found)
	example, _, found := strings.Cut(after, "```")
	require.True(t, found)
	r, err := recipe.Parse([]byte(example), "docs/command.md",
		recipe.Setting{Key: "data", Value: "digits"}, recipe.Setting{Key: "limit", Value: "40"}, recipe.Setting{Key: "steps", Value: "2"})
	require.NoError(t, err)
	run, err := r.Train(t.Context(), filepath.Join(t.TempDir(), "run"), recipe.Options{})
	require.NoError(t, err)
	require.NoError(t, run.Close())
}
