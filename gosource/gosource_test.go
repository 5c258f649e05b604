package gosource_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/gosource"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// net is a model with weights.
type net struct {
	model   train.Model
	params  *graph.Params
	scalers map[string]*data.Scaler
}

func (n net) Model() train.Model               { return n.model }
func (n net) Params() *graph.Params            { return n.params }
func (n net) Scalers() map[string]*data.Scaler { return n.scalers }

// netOf returns a model with weights and states that are all different from their start.
func netOf(t testing.TB, m train.Model) net {
	p := graph.NewParams(graph.Float32, 3)
	_, err := train.EvalProgram(m, 2, train.Options{Params: p, Seed: 3})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(5, 1))
	for _, q := range p.All() {
		x := q.Floats()
		for i := range x {
			if x[i] += 0.1 * r.NormFloat64(); !q.Trainable() {
				x[i] = math.Abs(x[i]) // a variance stays positive
			}
		}
		require.NoError(t, q.SetFloats(x))
	}
	return net{model: m, params: p}
}

// call is a call of a function of a generated package, and what it must return.
type call struct {
	name string
	in   [][]float32
	want []float32
}

// samples is how many samples a call has.
const samples = 3

// calls computes the functions of a net on the compiled machine.
func calls(t *testing.T, e zoo.Entry, n net) (out []call) {
	whole, err := train.EvalProgram(n.model, samples, train.Options{Params: n.params, Seed: 3})
	require.NoError(t, err)
	for _, f := range []struct{ name, output, given string }{
		{"Encode", "code", ""}, {"Decode", "recon", "code"}, {"Reconstruct", "recon", ""}, {"Score", "score", ""},
	} {
		var given []string
		if f.given != "" {
			given = []string{f.given}
		}
		p, err := whole.Select([]string{f.output}, given...)
		if err != nil {
			continue // the net has no such output
		}
		m, err := cpu.Config{Threads: 1}.Compile(p)
		require.NoError(t, err)
		values := e.Feed(p, rand.New(rand.NewPCG(7, 1)))
		c := call{name: f.name}
		for _, in := range p.Inputs() {
			x := values[in.Name]
			if x == nil {
				continue
			}
			c.in = append(c.in, append([]float32(nil), x...))
			if s := n.scalers[in.Name]; s != nil {
				x, err = s.Transform(x)
				require.NoError(t, err)
			}
			require.NoError(t, m.Feed(in.Name, x))
		}
		require.NoError(t, vm.Run(m))
		o, _ := p.Output(f.output)
		c.want = make([]float32, o.Shape.Size())
		require.NoError(t, m.Read(f.output, c.want))
		if s := n.scalers["x"]; s != nil && f.output == "recon" {
			c.want, err = s.Undo(c.want)
			require.NoError(t, err)
		}
		require.NoError(t, m.Close())
		out = append(out, c)
	}
	return out
}

// The whole zoo in one program: each net is a package, and main calls them.
func TestGeneratedSourceComputesWhatTheMachineComputes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("go.mod", "module example.com/nets\n\ngo 1.21\n")
	entries := zoo.All()
	scaled := zoo.Entry{Name: "scaled", Model: dense.Config{Input: 20, Hidden: []int{12, 5}, Loss: graph.MSE}}
	var imports, table strings.Builder
	var want []call
	var names []string
	var in [][][]float32
	for i, e := range append(entries, scaled) {
		n := netOf(t, e.Model)
		if e.Name == "scaled" {
			x := make([]float32, 50*20)
			for k := range x {
				x[k] = float32(k%20) + float32(k%7)
			}
			set, err := data.InMemory(data.Array{Name: "x", Shape: []int{20}, Values: x})
			require.NoError(t, err)
			s, err := data.FitScaler(set, "x", data.ScaleOptions{LogFirst: true})
			require.NoError(t, err)
			n.scalers = map[string]*data.Scaler{"x": s}
		}
		list := calls(t, e, n)
		if len(list) == 0 {
			continue
		}
		pkg := fmt.Sprintf("net%d", i)
		path := filepath.Join(dir, pkg, "net.go")
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, gosource.Write(path, n, gosource.Options{Package: pkg}), e.Name)
		fmt.Fprintf(&imports, "%q\n", "example.com/nets/"+pkg)
		for _, c := range list {
			fmt.Fprintf(&table, "func(in [][]float32) ([]float32, error) { return %s.%s(", pkg, c.name)
			for k := range c.in {
				fmt.Fprintf(&table, "in[%d],", k)
			}
			table.WriteString(") },\n")
			names, want, in = append(names, e.Name+", "+c.name), append(want, c), append(in, c.in)
		}
	}
	write("main.go", `package main

import (
	"encoding/json"
	"os"
`+imports.String()+`)

var calls = []func(in [][]float32) ([]float32, error){
`+table.String()+`}

func main() {
	var in [][][]float32
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	out := make([][]float32, len(calls))
	for i, f := range calls {
		var err error
		if out[i], err = f(in[i]); err != nil {
			panic(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
`)
	feed, err := json.Marshal(in)
	require.NoError(t, err)
	cmd := exec.Command("go", "run", ".")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(feed)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-trimpath")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	var got [][]float32
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &got))
	for i, c := range want {
		require.Len(t, got[i], len(c.want), names[i])
		scale, worst := 0.0, 0.0
		for k, v := range c.want {
			scale, worst = max(scale, math.Abs(float64(v))), max(worst, math.Abs(float64(v-got[i][k])))
		}
		if !(worst <= 1e-5*scale) {
			t.Errorf("%s: differs by %g of %g", names[i], worst, scale)
		}
	}
}

// drawing has a code that depends on random numbers.
type drawing struct{}

func (drawing) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 3)
	return graph.Net{Outputs: map[string]*graph.Node{"code": b.Add(x, b.Scope("noise").Normal("e", batch, 3))}}
}

// nothing has neither code nor reconstruction.
type nothing struct{}

func (nothing) Build(b *graph.Builder, batch int) graph.Net {
	return graph.Net{Outputs: map[string]*graph.Node{"y": b.Tanh(b.Input("x", batch, 3))}}
}

func TestWhatHasNoSourceIsNamed(t *testing.T) {
	for want, c := range map[string]struct {
		net gosource.Net
		o   gosource.Options
	}{
		"noise/normal: it draws random numbers": {net: netOf(t, drawing{})},
		`neither "code" nor "recon"`:            {net: netOf(t, nothing{})},
		`"a b" is no name of a Go package`:      {netOf(t, drawing{}), gosource.Options{Package: "a b"}},
		"no net":                                {},
	} {
		_, err := gosource.Source(c.net, c.o)
		require.ErrorContains(t, err, want)
	}
}

func TestNoArgumentMakesAFunctionPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		n := netOf(t, dense.Config{Input: 4, Hidden: []int{2}})
		return nil, map[string]any{
			"Source": gosource.Source,
			"Write":  func(n gosource.Net, o gosource.Options) error { return gosource.Write(t.TempDir()+"/x.go", n, o) },
		}, []any{n, gosource.Options{Package: "x"}}
	})
}
