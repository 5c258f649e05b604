package code

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

var update = flag.Bool("update", false, "write the golden listing anew")

// programOf writes a function as a program.
func programOf(t testing.TB, f *lower.Func, dtype graph.Dtype) (*plan.Plan, *Program) {
	t.Helper()
	p, err := plan.OfFunc(f, dtype, plan.Target{Convs: true})
	require.NoError(t, err)
	program, err := Make(p)
	require.NoError(t, err)
	compile(t, program.Source)
	return p, program
}

// The program of a small function, for a reader to see.
func TestListing(t *testing.T) {
	f := lower.NewFunc(lower.Shape{400, 5, 60}, lower.Shape{60, 400, 5}, lower.Shape{60}, lower.Shape{7, 3})
	gate := lower.Sigmoid(lower.Arg(0).Add(lower.Arg(1).Mul(lower.Num(0.1))))
	y := f.Map(gate.Mul(lower.Arg(0)).Add(lower.Exp(lower.Arg(2))), f.In(0), f.Transpose(f.In(1), 1, 2, 0), f.In(2))
	z := f.Map(lower.Max(lower.Arg(0), lower.Num(0)), f.In(3))
	f.Return(y, f.Sum(y, 0, 2), z, f.Max(z, 1), f.Map(lower.Arg(0).Neg(), f.In(2)))
	_, p := programOf(t, f, graph.Float32)
	path := filepath.Join("testdata", "program.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(p.Source), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), p.Source, "the code has changed: go test ./cuda/internal/code -run Listing -update, and read the difference")
}

type strange struct{ lower.Map }

func TestAnUnknownPrimitiveIsNamed(t *testing.T) {
	f := lower.NewFunc(lower.Shape{2})
	f.Return(f.Apply(strange{lower.Map{Expr: lower.Arg(0)}}, f.In(0))...)
	p, err := plan.OfFunc(f, graph.Float32, plan.Target{})
	require.NoError(t, err)
	_, err = Make(p)
	require.ErrorContains(t, err, "step 0, map a0: the CUDA machine has no kernel for the primitive code.strange")
}
