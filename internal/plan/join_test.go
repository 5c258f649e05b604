package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
)

func TestADenseStepHasOnlyProductsAndTwoGroups(t *testing.T) {
	p := step(t, dense.Config{}, 16)
	products, groups := 0, 0
	for _, s := range p.Steps {
		switch s.Prim.(type) {
		case Product:
			products++
		case Group:
			groups++
		default:
			require.Failf(t, "a separate step", "%v", s.Prim)
		}
	}
	require.Equal(t, 6+5+6, products, "forward, gradients of inputs, gradients of weights")
	require.Equal(t, 2, groups)
}

func TestAVariationalStepHasNoSeparateReduction(t *testing.T) {
	for _, s := range step(t, vae.Config{}, 16).Steps {
		_, reduce := s.Prim.(lower.Reduce)
		_, elementwise := s.Prim.(lower.Map)
		require.False(t, reduce || elementwise, "%v", s.Prim)
	}
}

// A step between two others, outside of their unit, keeps the two from being joined.
func TestJoiningKeepsTheOrderOfSteps(t *testing.T) {
	f := lower.NewFunc(lower.Shape{4, 4}, lower.Shape{4, 4})
	x, y := f.In(0), f.In(1)
	e := f.Map(lower.Exp(lower.Arg(0)), x)
	p := f.MatMul(e, y)                                                   // needs all of e
	q := f.Map(lower.Arg(0).Add(lower.Arg(1)), e, p)                      // reads e and p
	s := f.Sum(q, 0)                                                      // needs all of q
	out := f.Map(lower.Arg(0).Mul(lower.Arg(1)), q, f.Broadcast(s, 4, 4)) // reads s
	f.Return(out)
	g, err := Target{}.join(f)
	require.NoError(t, err)
	require.NoError(t, g.Err())
	var names []string
	for _, s := range g.Steps() {
		if !lower.IsView(s.Prim) {
			names = append(names, s.Prim.String())
		}
	}
	require.Equal(t, []string{"map exp(a0)", "matmul then {add(a1,a0); sum[0] add(a1,a0)}", "map mul(a0,a1)"}, names)
}

func TestGroupsHaveIndependentSteps(t *testing.T) {
	f := lower.NewFunc(lower.Shape{3}, lower.Shape{5})
	a := f.Map(lower.Exp(lower.Arg(0)), f.In(0))
	b := f.Map(lower.Exp(lower.Arg(0)), f.In(1))
	c := f.Sum(a, 0)
	d := f.Map(lower.Arg(0).Neg(), b)
	f.Return(c, d, a)
	g, err := group(f)
	require.NoError(t, err)
	require.NoError(t, g.Err())
	require.Len(t, g.Steps(), 2)
	require.Equal(t, "group {exp(a0)} {exp(a0)}", g.Steps()[0].Prim.String())
	require.Equal(t, "group {sum[0] a0} {neg(a0)}", g.Steps()[1].Prim.String())
}
