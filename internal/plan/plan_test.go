package plan

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
)

var update = flag.Bool("update", false, "rewrite the golden listings")

type model interface {
	Build(b *graph.Builder, batch int) graph.Net
}

// step plans a model's training step for the CPU.
func step(t *testing.T, m model, batch int) *Plan {
	t.Helper()
	return stepFor(t, Target{Regions: 1}, m, batch)
}

func stepFor(t *testing.T, target Target, m model, batch int) *Plan {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := m.Build(b, batch)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	b.Output("loss", net.Tasks[0].Loss)
	program, err := b.Program()
	require.NoError(t, err)
	p, err := Make(SourceOf(program), target)
	require.NoError(t, err)
	return p
}

func TestListings(t *testing.T) {
	images := conv.Config{Size: graph.Pair{8, 8}, Encoder: []int{4, 2}}
	for name, c := range map[string]struct {
		target Target
		model  model
	}{
		"dense":     {Target{Regions: 1}, dense.Config{Input: 6, Hidden: []int{4, 2}}},
		"conv":      {Target{Regions: 1}, images},
		"conv-cuda": {Target{Convs: true}, images},
		"lstm":      {Target{Regions: 1}, seq.Config{Steps: 5, Features: 3, Hidden: []int{4}, Code: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			got := stepFor(t, c.target, c.model, 3).String()
			path := filepath.Join("testdata", name+".golden")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "the plan has changed: run go test ./internal/plan -update, and read the difference")
		})
	}
}

func TestArenaIsCloseToWhatIsAliveAtOnce(t *testing.T) {
	for name, m := range map[string]model{
		"conv": conv.Config{}, "conv-strided": conv.Config{Strided: true}, "vae": vae.Config{}, "lstm": seq.Config{}, "dense": dense.Config{},
	} {
		p := step(t, m, 32)
		require.LessOrEqual(t, float64(p.Arena), 1.5*float64(p.Least), name)
	}
}

func TestOptimisersWriteInPlace(t *testing.T) {
	p := step(t, dense.Config{}, 16)
	for i, v := range p.Func.Results()[len(p.Kept):] {
		require.Equal(t, State, p.Values[v].Place, p.Updates[i].Param.Name())
	}
}

func TestNoStepIsDeadOrRepeated(t *testing.T) {
	p := step(t, seq.Config{Steps: 5, Features: 3, Hidden: []int{4}, Code: 2}, 3)
	read := map[lower.Value]bool{}
	for _, v := range p.Func.Results() {
		read[p.Values[v].Root] = true
	}
	for _, s := range p.Steps {
		for _, v := range s.In {
			read[p.Values[v].Root] = true
		}
	}
	seen := map[string]bool{}
	for _, s := range p.Steps {
		wanted := false
		for _, v := range s.Out {
			wanted = wanted || read[v]
		}
		require.True(t, wanted, "%v is dead", s.Prim)
		line := s.Prim.String()
		for _, v := range s.In {
			line += p.operand(v)
		}
		require.False(t, seen[line], "%s is there twice", line)
		seen[line] = true
	}
}

func TestPackingIsNeverComputed(t *testing.T) {
	for _, s := range step(t, seq.Config{Steps: 5, Features: 3, Hidden: []int{4}, Code: 2}, 3).Steps {
		_, concat := s.Prim.(lower.Concat)
		_, pad := s.Prim.(lower.Pad)
		require.False(t, concat || pad, "%v", s.Prim)
	}
}

// TestASliceOfAConcatenationIsTheSliceOfItsPart, whole or not, or stays a slice of
// both where it crosses from one to the next.
func TestASliceOfAConcatenationIsTheSliceOfItsPart(t *testing.T) {
	f := lower.NewFunc(lower.Shape{3, 2}, lower.Shape{4, 2})
	both := f.Concat(0, f.In(0), f.In(1))
	var out []lower.Value
	for _, cut := range [][3]int{{0, 3, 1}, {3, 7, 1}, {4, 6, 1}, {0, 2, 1}, {3, 7, 2}, {2, 5, 1}} {
		out = append(out, f.Slice(both, 0, cut[0], cut[1], cut[2]))
	}
	f.Return(out...)
	unpacked, err := stepwise(unpack)(f)
	require.NoError(t, err)
	x, y := lower.NewArray[float64](lower.Shape{3, 2}), lower.NewArray[float64](lower.Shape{4, 2})
	for i := range x.Data {
		x.Data[i] = float64(i)
	}
	for i := range y.Data {
		y.Data[i] = float64(100 + i)
	}
	want, err := interp.Run(f, x, y)
	require.NoError(t, err)
	got, err := interp.Run(unpacked, x, y)
	require.NoError(t, err)
	for i := range want {
		require.Equal(t, want[i].Shape, got[i].Shape)
		require.Equal(t, want[i].Elements(), got[i].Elements())
	}
}

func TestVerifyFindsOverlap(t *testing.T) {
	p := step(t, dense.Config{Input: 6, Hidden: []int{4, 2}}, 3)
	require.NoError(t, p.verify())
	for v := range p.Values {
		p.Values[v].Base = 0
	}
	require.ErrorContains(t, p.verify(), "share memory and time")
}
