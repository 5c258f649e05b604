package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// python runs the Python in STHENO_PYTHON, and returns its output. It skips the test if
// that lacks a module.
func python(t *testing.T, args ...string) string {
	t.Helper()
	interpreter := os.Getenv("STHENO_PYTHON")
	if interpreter == "" {
		t.Skip("set STHENO_PYTHON to a Python interpreter that has PyTorch, safetensors and Keras, such as venv/bin/python")
	}
	c := exec.CommandContext(t.Context(), interpreter, args...)
	c.Env = append(os.Environ(), "KERAS_BACKEND=torch", "OMP_NUM_THREADS=1")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if _, lacks, ok := strings.Cut(said.String(), "ModuleNotFoundError: "); ok {
		t.Skipf("the Python in STHENO_PYTHON: %s", lacks)
	}
	require.NoError(t, err, "%s", said.String())
	return string(out)
}

// peer is a net that another library has as well.
type peer struct {
	name  string
	names []checkpoint.Name
	build func(b *graph.Builder, x *graph.Node) *graph.Node
}

// peerOf is the model of a net for samples of a shape.
type peerOf struct {
	peer
	shape []int
}

func (p peerOf) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", append([]int{batch}, p.shape...)...)
	return graph.Net{Outputs: map[string]*graph.Node{"y": p.build(b, x)}}
}

// agrees restores the weights of a net and compares its output for x with y, the arrays in
// an npz file.
func (p peer) agrees(t *testing.T, weights, values string) {
	t.Helper()
	given, err := checkpoint.ReadWeights(values)
	require.NoError(t, err)
	of := map[string]checkpoint.Array{}
	for _, a := range given {
		of[a.Name] = a
	}
	m, o := peerOf{p, of["x"].Shape[1:]}, train.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1)}
	_, err = train.EvalProgram(m, 1, o)
	require.NoError(t, err)
	r, err := checkpoint.Restore(o.Params, weights, checkpoint.RestoreOptions{Names: p.names})
	require.NoError(t, err)
	require.Empty(t, r.Kept)
	f, err := train.NewFunction(m, o, vm.FunctionOptions{})
	require.NoError(t, err)
	defer f.Close()
	x := make([]float32, of["x"].Shape.Size())
	for i, v := range of["x"].Floats() {
		x[i] = float32(v)
	}
	y := []vm.Array{{Name: "y"}}
	require.NoError(t, f.Call([]vm.Array{{Name: "x", Shape: of["x"].Shape, Data: x}}, y))
	require.Equal(t, []int(of["y"].Shape), []int(y[0].Shape))
	for i, want := range of["y"].Floats() {
		require.InDelta(t, want, float64(y[0].Data[i]), 1e-5*max(1, math.Abs(want)), "element %d", i)
	}
}

func TestPythonReadsTheBitsThatAreWritten(t *testing.T) {
	dir := t.TempDir()
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := graph.NewParams(dtype, 3)
		b := graph.New(p, graph.Config{})
		b.Scope("encoder").Param("w", graph.Normal(0, 1), 2, 3)
		b.Param("ä", graph.Normal(0, 1), 4)
		b.State("scalar", graph.Normal(0, 1))
		require.NoError(t, b.Err())
		odd := []float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), 0x1p-149}
		require.NoError(t, p.Get("ä").SetFloats(odd))
		for _, name := range []string{"x.safetensors", "x.npz"} {
			require.NoError(t, checkpoint.WriteWeights(filepath.Join(dir, name), p, checkpoint.WriteOptions{States: true}))
		}
		var read map[string]map[string]struct {
			Type, Bytes string
			Shape       []int
		}
		require.NoError(t, json.Unmarshal([]byte(python(t, "testdata/read_back.py", dir)), &read))
		require.Len(t, read, 2)
		for file, arrays := range read {
			require.Len(t, arrays, 3, file)
			for name, got := range arrays {
				q := p.Get(name)
				var bits bytes.Buffer
				require.NoError(t, binary.Write(&bits, binary.LittleEndian, q.Value().Data()))
				require.Equal(t, hex.EncodeToString(bits.Bytes()), got.Bytes, "%s of %s", name, file)
				require.Equal(t, dtype.String(), got.Type)
				require.Equal(t, append([]int{}, q.Shape()...), append([]int{}, got.Shape...), name)
			}
		}
	}
}
