package onnx_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/vm"
)

// python returns the interpreter that STHENO_PYTHON names, which has onnxruntime, onnx
// and NumPy, or skips the test.
func python(t *testing.T) string {
	path := os.Getenv("STHENO_PYTHON")
	if path == "" {
		t.Skip("set STHENO_PYTHON to a Python with onnxruntime, onnx and numpy to run the exported nets there")
	}
	if out, err := exec.Command(path, "-c", "import onnx, onnxruntime, numpy").CombinedOutput(); err != nil {
		t.Skipf("STHENO_PYTHON=%s lacks onnxruntime, onnx or numpy: %s", path, out)
	}
	return path
}

// fileArray is an array of the manifest.
type fileArray struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	File  string `json:"file"`
}

// fileCase is a run of a file.
type fileCase struct {
	File    string      `json:"file"`
	Inputs  []fileArray `json:"inputs"`
	Outputs []fileArray `json:"outputs"`
	name    string
	want    []vm.Array
}

// runtime collects runs of files, and runs them by onnxruntime.
type runtime struct {
	dir   string
	cases []fileCase
}

func (r *runtime) add(t *testing.T, name, file string, in, want []vm.Array) {
	c := fileCase{File: file, name: name, want: want}
	for i, a := range in {
		at := fmt.Sprintf("%d.in%d", len(r.cases), i)
		b := make([]byte, 0, 4*len(a.Data))
		for _, v := range a.Data {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		require.NoError(t, os.WriteFile(filepath.Join(r.dir, at), b, 0o644))
		c.Inputs = append(c.Inputs, fileArray{a.Name, a.Shape, at})
	}
	for i, a := range want {
		c.Outputs = append(c.Outputs, fileArray{a.Name, slices.Clone(a.Shape), fmt.Sprintf("%d.out%d", len(r.cases), i)})
		if a.Shape == nil {
			c.Outputs[i].Shape = []int{}
		}
	}
	r.cases = append(r.cases, c)
}

// check runs all and compares, relative to the scale of an array's values.
func (r *runtime) check(t *testing.T, python string, tolerance float64) {
	b, err := json.Marshal(r.cases)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "manifest.json"), b, 0o644))
	out, err := exec.Command(python, "testdata/run.py", r.dir).CombinedOutput()
	require.NoError(t, err, string(out))
	t.Logf("%s", out)
	worst := 0.0
	for _, c := range r.cases {
		for i, o := range c.Outputs {
			b, err := os.ReadFile(filepath.Join(r.dir, o.File))
			require.NoError(t, err)
			got := make([]float32, len(b)/4)
			for k := range got {
				got[k] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))
			}
			d := distance(got, c.want[i].Data)
			worst = max(worst, d)
			if !(d <= tolerance) {
				t.Errorf("%s, output %q %v: differs by %.3g", c.name, o.Name, o.Shape, d)
			}
		}
	}
	t.Logf("the greatest difference is %.3g", worst)
}

// distance is the greatest difference between elements, relative to the greatest
// element.
func distance(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	scale, d := 0.0, 0.0
	for i := range want {
		scale = max(scale, math.Abs(float64(want[i])))
		if diff := math.Abs(float64(got[i]) - float64(want[i])); !(diff <= d) {
			d = diff // also if it is NaN
		}
	}
	if d == 0 {
		return 0
	}
	return d / scale
}

func TestOnnxruntimeInPythonAgreesOnEveryModel(t *testing.T) {
	r, path := runtime{dir: t.TempDir()}, python(t)
	for k, e := range zoo.All() {
		n := netOf(t, e.Model)
		parts := n.parts(t)
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			file := fmt.Sprintf("%d-%s.onnx", k, part)
			require.NoError(t, onnx.Write(filepath.Join(r.dir, file), n, onnx.Options{Part: part}), "%s, %s", e.Name, part)
			for _, batch := range []int{1, 7} {
				in, want := n.run(t, batch, parts[part][0], parts[part][1], feedOf(e))
				r.add(t, fmt.Sprintf("%s, %s of %d", e.Name, part, batch), file, in, want)
			}
		}
	}
	r.check(t, path, 1e-5)
}
