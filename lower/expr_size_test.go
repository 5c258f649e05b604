package lower_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
)

// TestSharedPartsOfAnExpressionAreNotWrittenOut uses an expression of 200 functions
// that would have 2^200 parts if written out.
func TestSharedPartsOfAnExpressionAreNotWrittenOut(t *testing.T) {
	e := lower.Arg(1)
	for range 100 {
		e = lower.Tanh(e).Mul(e)
	}
	require.Equal(t, 200, e.Parts())
	require.Equal(t, 2, e.Args())
	require.True(t, e.Reads(1))
	require.False(t, e.Reads(0))
	require.Less(t, len(e.String()), 5000)
	require.True(t, strings.HasPrefix(e.String(), "t0=mul(tanh(a1),a1); t1=mul(tanh(t0),t0); "))
	require.NotEqual(t, e.String(), e.Subst(lower.Arg(1), lower.Arg(0)).String())
	require.Equal(t, 1, e.Subst(lower.Arg(1), lower.Arg(0)).Args())
	require.Zero(t, e.Eval(1, 0))
	require.Zero(t, e.Diff(0).Eval(1, 0))

	far := lower.Arg(70)
	for range 100 {
		far = far.Add(far)
	}
	require.True(t, far.Reads(70))
	require.False(t, far.Reads(69))
	require.False(t, far.Reads(71))
}
