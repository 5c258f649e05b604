package onnx_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// conformanceCase is a case of ONNX's own suite: a file with inputs and outputs.
type conformanceCase struct {
	file    *onnxproto.Model
	in, out []*onnxproto.Tensor
}

func readCase(t *testing.T, dir string) (c conformanceCase) {
	b, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	require.NoError(t, err)
	c.file, err = onnxproto.Unmarshal(b)
	require.NoError(t, err, dir)
	for kind, list := range map[string]*[]*onnxproto.Tensor{"in": &c.in, "out": &c.out} {
		for i := 0; ; i++ {
			b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.%s", i, kind)))
			if err != nil {
				break
			}
			x, err := onnxproto.UnmarshalTensor(b)
			require.NoError(t, err, dir)
			*list = append(*list, x)
		}
	}
	return c
}

// fix makes the integer inputs of a case initializers: shapes, axes and bounds, which are
// known in nets.
func (c conformanceCase) fix() {
	g := c.file.Graph
	var free []*onnxproto.Value
	for i, v := range g.Inputs {
		if i < len(c.in) && !c.in[i].IsFloat() || i < len(c.in) && len(c.in[i].Dims) == 0 {
			x := *c.in[i]
			x.Name = v.Name
			g.Initializers = append(g.Initializers, &x)
			continue
		}
		free = append(free, v)
	}
	g.Inputs = free
}

// run computes the case, and returns why it cannot be if it cannot.
func (c conformanceCase) run(t *testing.T) (out []vm.Array, err error) {
	names := make([]string, len(c.file.Graph.Inputs))
	for i, v := range c.file.Graph.Inputs {
		names[i] = v.Name
	}
	c.fix()
	m, err := onnx.Parse(onnxproto.Marshal(c.file))
	if err != nil {
		return nil, err
	}
	values, batch := map[string][]float32{}, 1
	for i, x := range c.in {
		if i >= len(names) {
			break
		}
		floats, ints, err := x.Elements()
		if err != nil {
			return nil, err
		}
		for _, v := range ints {
			floats = append(floats, float64(v))
		}
		for _, v := range floats {
			values[names[i]] = append(values[names[i]], float32(v))
		}
		if i == 0 && len(x.Dims) > 0 {
			batch = int(x.Dims[0])
		}
	}
	p, err := train.EvalProgram(m, batch, train.Options{Params: graph.NewParams(graph.Float32, 1)})
	if err != nil {
		return nil, err
	}
	machine, err := cpu.Config{Threads: 1}.Compile(p)
	if err != nil {
		return nil, err
	}
	defer machine.Close()
	for _, in := range p.Inputs() {
		if x := values[in.Name]; x != nil {
			if err := machine.Feed(in.Name, x); err != nil {
				return nil, err
			}
		}
	}
	if err := vm.Run(machine); err != nil {
		return nil, err
	}
	for _, name := range m.Outputs() {
		o, _ := p.Output(name)
		x := make([]float32, o.Shape.Size())
		require.NoError(t, machine.Read(name, x))
		out = append(out, vm.Array{Name: name, Shape: o.Shape, Data: x})
	}
	return out, nil
}

// near compares as ONNX does, a thousandth of each element, and more strictly in sum.
func near(got, want []float32) bool {
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if g == w || g != g && w != w {
			continue
		}
		if !(math.Abs(g-w) <= 1e-3*math.Abs(w)+1e-5) {
			return false
		}
	}
	return true
}

var quoted = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|[-\d.]+`)

func TestPythonsConformanceCasesComputeTheSameOrAreRefused(t *testing.T) {
	path, dir := python(t), t.TempDir()
	log, err := exec.Command(path, "testdata/cases.py", dir).CombinedOutput()
	require.NoError(t, err, string(log))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	right, refused := 0, map[string][]string{}
	for _, e := range entries {
		if strings.Contains(e.Name(), "bfloat16") || strings.Contains(e.Name(), "training_dropout") {
			continue // of other precision, and random
		}
		c := readCase(t, filepath.Join(dir, e.Name()))
		got, err := c.run(t)
		if err != nil {
			why := err.Error()
			if at := strings.Index(why, "; there are"); at > 0 {
				why = "ops that are not supported"
			}
			why = quoted.ReplaceAllString(why, "_")
			refused[why] = append(refused[why], e.Name())
			continue
		}
		right++
		for i, want := range c.out {
			floats, ints, err := want.Elements()
			require.NoError(t, err)
			x := make([]float32, 0, len(floats)+len(ints))
			for _, v := range floats {
				x = append(x, float32(v))
			}
			for _, v := range ints {
				x = append(x, float32(v))
			}
			if len(got[i].Data) != len(x) || !near(got[i].Data, x) {
				t.Errorf("%s, output %d: got %v %v, want %v %v", e.Name(), i, got[i].Shape, head(got[i].Data), want.Dims, head(x))
				break
			}
		}
	}
	t.Logf("%d cases computed, %d refused", right, len(entries)-right)
	for _, why := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("%d refused: %s: %s ...", len(refused[why]), why, refused[why][0])
	}
	require.Greater(t, right, 500)
}

func head(x []float32) []float32 { return x[:min(len(x), 8)] }
