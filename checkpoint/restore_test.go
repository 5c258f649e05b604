package checkpoint_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

// small has a weight enc/w [2 3], a bias enc/b [3], head/w [3 1] and a state enc/mean [2].
func small(t *testing.T, seed uint64) *graph.Params {
	t.Helper()
	p := graph.NewParams(graph.Float32, seed)
	b := graph.New(p, graph.Config{})
	b.Scope("enc").Param("w", graph.Normal(0, 1), 2, 3)
	b.Scope("enc").Param("b", graph.Normal(0, 1), 3)
	b.Scope("head").Param("w", graph.Normal(0, 1), 3, 1)
	b.Scope("enc").State("mean", graph.Normal(0, 1), 2)
	require.NoError(t, b.Err())
	return p
}

// saved writes arrays of floats to a safetensors file, which becomes the parameters'.
func saved(t *testing.T, name string, arrays map[string]graph.Shape) string {
	t.Helper()
	p := graph.NewParams(graph.Float64, 9)
	b := graph.New(p, graph.Config{})
	for name, shape := range arrays {
		b.Param(name, graph.Normal(0, 1), shape...)
	}
	require.NoError(t, b.Err())
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, checkpoint.WriteWeights(path, p, checkpoint.WriteOptions{}))
	return path
}

func TestWeightsAreReadAsTheyWereWritten(t *testing.T) {
	p := small(t, 1)
	for _, name := range []string{"x.safetensors", "x.npz"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, checkpoint.WriteWeights(path, p, checkpoint.WriteOptions{States: true, Names: []string{"enc/*"}}))
		arrays, err := checkpoint.ReadWeights(path)
		require.NoError(t, err)
		require.Len(t, arrays, 3)
		for _, a := range arrays {
			require.Equal(t, p.Get(a.Name).Floats(), a.Floats(), a.Name)
			require.Equal(t, p.Get(a.Name).Shape(), a.Shape, a.Name)
			require.Equal(t, "F32", a.Type)
		}
		q := small(t, 2)
		head := q.Get("head/w").Floats()
		r, err := checkpoint.Restore(q, path, checkpoint.RestoreOptions{SkipHere: []string{"head/*"}})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{"enc/w", "enc/b", "enc/mean"}, r.Taken)
		require.Equal(t, []string{"head/w"}, r.Kept)
		require.Equal(t, p.Get("enc/mean").Floats(), q.Get("enc/mean").Floats())
		require.Equal(t, head, q.Get("head/w").Floats())
	}
	require.ErrorContains(t, checkpoint.WriteWeights("x.h5", p, checkpoint.WriteOptions{}), "want .safetensors or .npz")
	require.ErrorContains(t, checkpoint.WriteWeights(filepath.Join(t.TempDir(), "x.npz"), p, checkpoint.WriteOptions{Names: []string{"dec/*"}}), "nothing to write")
}

func TestAllDifferencesAreListed(t *testing.T) {
	path := saved(t, "x.safetensors", map[string]graph.Shape{"enc/w": {3, 2}, "enc.bias": {3}, "more": {7}, "enc/mean": {2}})
	p := small(t, 1)
	before := p.Get("enc/mean").Floats()
	_, err := checkpoint.Restore(p, path, checkpoint.RestoreOptions{Names: []checkpoint.Name{{Here: "head/w", There: "top"}}})
	for _, want := range []string{
		path,
		`weight "enc/w" [2 3]: it is to start from "enc/w" [3 2]`,
		`weight "enc/b" [3]: the file has no "enc/b"`,
		`weight "head/w" [3 1]: the file has no "top"`,
		`array "enc.bias" [3] of the file: no parameter of the model starts from it`,
		`array "more" [7] of the file`,
	} {
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, before, p.Get("enc/mean").Floats(), "nothing changes after an error")

	r, err := checkpoint.Restore(p, path, checkpoint.RestoreOptions{
		Names:     []checkpoint.Name{{Here: "enc/w", There: "enc/w", Permute: []int{1, 0}}},
		SkipThere: []string{"more"}, Partial: true,
	})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"enc/w", "enc/mean"}, r.Taken)
	require.ElementsMatch(t, []string{"enc/b", "head/w"}, r.Kept)
	require.ElementsMatch(t, []string{"enc.bias", "more"}, r.Unused)
	require.Len(t, r.Differences, 3)
	require.Contains(t, r.String(), "2 of 4 parameters taken over, 2 arrays of the file unused")
	require.NotEqual(t, before, p.Get("enc/mean").Floats())

	_, err = checkpoint.Restore(p, path, checkpoint.RestoreOptions{SkipHere: []string{"*"}, Partial: true})
	require.ErrorContains(t, err, "no parameter can be taken over")
	_, err = checkpoint.Restore(graph.NewParams(graph.Float32, 1), path, checkpoint.RestoreOptions{})
	require.ErrorContains(t, err, "train.EvalProgram")
}

func TestTheTableOfNamesLaysArraysOut(t *testing.T) {
	path := saved(t, "x.npz", map[string]graph.Shape{"net.enc.w": {6}, "net.enc.b": {3, 1}, "h": {1, 3}})
	arrays, err := checkpoint.ReadWeights(path)
	require.NoError(t, err)
	x := map[string][]float64{}
	for _, a := range arrays {
		for _, v := range a.Floats() {
			x[a.Name] = append(x[a.Name], float64(float32(v)))
		}
	}
	p := small(t, 1)
	_, err = checkpoint.Restore(p, path, checkpoint.RestoreOptions{NoStates: true, Names: []checkpoint.Name{
		{Here: "*/b", There: "net.*.b", Reshape: graph.Shape{3}},
		{Here: "enc/w", There: "net.enc.w", Reshape: graph.Shape{3, 2}, Permute: []int{1, 0}},
		{Here: "head/w", There: "h", With: []string{"net.enc.b"}, Convert: func(a ...checkpoint.Array) (checkpoint.Array, error) {
			y := make([]float64, 3)
			for i := range y {
				y[i] = a[0].Floats()[i] - a[1].Floats()[i]
			}
			return checkpoint.NewArray("h", graph.Shape{3, 1}, y)
		}},
	}})
	require.NoError(t, err)
	w := x["net.enc.w"]
	require.Equal(t, []float64{w[0], w[2], w[4], w[1], w[3], w[5]}, p.Get("enc/w").Floats())
	require.Equal(t, x["net.enc.b"], p.Get("enc/b").Floats())
	require.InDelta(t, x["h"][1]-x["net.enc.b"][1], p.Get("head/w").Floats()[1], 1e-6)

	for want, n := range map[string]checkpoint.Name{
		"as many *":                  {Here: "*/w", There: "net.w"},
		"name \"\" there":            {Here: "enc/w"},
		"each of its 1 axes":         {Here: "enc/w", There: "net.enc.w", Permute: []int{1, 0}},
		"does not have the elements": {Here: "enc/w", There: "net.enc.w", Reshape: graph.Shape{5}},
		"which becomes [6]":          {Here: "enc/w", There: "net.enc.w", Permute: []int{0}},
	} {
		_, err := checkpoint.Restore(p, path, checkpoint.RestoreOptions{Names: []checkpoint.Name{n}})
		require.ErrorContains(t, err, want)
	}
}

func TestStatesOfATrainingAreLeftOut(t *testing.T) {
	from := small(t, 1)
	b := graph.New(from, graph.Config{})
	b.Scope("adam").State("m", graph.Ones(), 2, 3)
	require.NoError(t, b.Err())
	path := filepath.Join(t.TempDir(), "x.stheno")
	require.NoError(t, checkpoint.Save(path, checkpoint.Checkpoint{Model: "m", Params: from}))
	p := small(t, 2)
	r, err := checkpoint.Restore(p, path, checkpoint.RestoreOptions{})
	require.NoError(t, err)
	require.Len(t, r.Taken, 4)
	require.Equal(t, []string{"adam/m"}, r.Unused)
	for _, q := range p.All() {
		require.Equal(t, from.Get(q.Name()).Floats(), q.Floats(), q.Name())
	}
}

func TestTablesOfUnknownLayersAreEmpty(t *testing.T) {
	require.Empty(t, checkpoint.PyTorch("Attention", "a", "b"))
	require.Empty(t, checkpoint.Keras("Attention", "a", "b"))
	for _, n := range checkpoint.PyTorch(checkpoint.BatchNorm, "", "") {
		require.NotContains(t, n.There, ".")
	}
}
