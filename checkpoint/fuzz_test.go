package checkpoint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/safetensors"
	"github.com/stheno-ml/stheno/train"
)

// FuzzReadWeights reads files of any content, and restores what can be read.
func FuzzReadWeights(f *testing.F) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	b.Scope("enc").Param("w", graph.Normal(0, 1), 2, 3)
	if b.Err() != nil {
		f.Fatal(b.Err())
	}
	for _, name := range []string{"x.npz", "x.safetensors"} {
		path := filepath.Join(f.TempDir(), name)
		require.NoError(f, checkpoint.WriteWeights(path, p, checkpoint.WriteOptions{}))
		content, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(content)
	}
	names := append(checkpoint.PyTorch(checkpoint.GRU, "enc", "w"), checkpoint.Keras(checkpoint.GRU, "*", "*")...)
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "x")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		arrays, err := checkpoint.ReadWeights(path)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200<<20+2000*len(content)))
		if err != nil {
			return
		}
		for _, a := range arrays {
			require.Len(t, a.Floats(), a.Shape.Size(), a.Name)
		}
		_, _ = checkpoint.Restore(p, path, checkpoint.RestoreOptions{Partial: true, Names: names})
	})
}

// FuzzLoad loads checkpoints whose checksum is right and whose metadata are not.
func FuzzLoad(f *testing.F) {
	f.Add("2", "vae", `{"latent":2}`, `{"dtype":"float32","seed":1,"states":["w"]}`, "w", []byte{2, 3}, []byte("state"))
	f.Add("1", "", "null", `{"dtype":"float64"}`, "", []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, format, model, config, params, name string, shape, training []byte) {
		file := safetensors.File{Metadata: map[string]string{
			"stheno": format, "model": model, "config": config, "params": params, "training": string(training),
		}}
		a, size := safetensors.Array{Name: name}, 1
		for _, n := range shape[:min(len(shape), 4)] {
			a.Shape = append(a.Shape, int(n%8))
			size *= int(n % 8)
		}
		a.Data = make([]float32, size)
		file.Arrays = append(file.Arrays, a)
		var content bytes.Buffer
		if safetensors.WriteSealed(&content, file) != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "x")
		require.NoError(t, os.WriteFile(path, content.Bytes(), 0o600))
		c, err := checkpoint.Load(path)
		if err != nil {
			require.ErrorContains(t, err, path)
			return
		}
		require.NotNil(t, c.Params)
		c.Compare(c.Params)
	})
}

// flat is a model of one weight.
type flat struct{}

func (flat) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 784)
	loss := b.Mean(b.Square(graph.Dense{Units: 1, NoBias: true}.Apply(b.Scope("fc"), x)))
	return graph.Net{Outputs: map[string]*graph.Node{"y": loss}, Tasks: []graph.Task{{Name: "flat", Loss: loss}}}
}

// counter is a callback with a state.
type counter struct {
	train.Base
	Seen map[string]int
}

func (c *counter) State() any { return &c.Seen }

// trained trains in a folder, which may have checkpoints, up to the given steps.
func trained(dir string, steps int) error {
	_, err := train.Fit(context.Background(), flat{}, data.NewDigits(1, 20), train.Options{
		Backend: cpu.Config{Threads: 1}, Batch: 8, Steps: steps, Callbacks: []train.Callback{&counter{}},
		Checkpoints: &train.Checkpoints{Dir: dir, Every: -1, EverySteps: 2, Best: 1, Resume: true},
	})
	return err
}

// FuzzStateOfTraining resumes trainings from states that are wrong, in files whose checksum
// is right. There is an error or a training, and no panic.
func FuzzStateOfTraining(f *testing.F) {
	dir := f.TempDir()
	require.NoError(f, trained(dir, 4))
	files, err := filepath.Glob(filepath.Join(dir, "step-*.safetensors"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	c, err := checkpoint.Load(files[len(files)-1])
	require.NoError(f, err)
	f.Add(string(c.Training))
	var state map[string]json.RawMessage
	require.NoError(f, json.Unmarshal(c.Training, &state))
	for key := range state {
		for _, value := range []string{"null", "-1", "9223372036854775807", "-9223372036854775807", `{"n":1,"names":["x"],"sums":[1]}`, `"x"`, "[]", "{}", "[null]", `[{"name":"x"}]`, `{"Epoch":-5,"Next":-7}`, "1e300"} {
			changed := map[string]json.RawMessage{}
			for k, v := range state {
				changed[k] = v
			}
			changed[key] = json.RawMessage(value)
			text, err := json.Marshal(changed)
			require.NoError(f, err)
			f.Add(string(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) && len(text) > 1<<12 {
			return
		}
		dir := t.TempDir()
		wrong := c
		wrong.Training = json.RawMessage(text)
		if checkpoint.Save(filepath.Join(dir, filepath.Base(c.Path)), wrong) != nil {
			return
		}
		if err := trained(dir, 6); err != nil {
			require.NotEmpty(t, errors.Unwrap(err).Error())
		}
	})
}
