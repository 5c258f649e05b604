package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
)

func TestWhatIsBroadcastAlongTheLastAxesIsComputedBefore(t *testing.T) {
	root := lower.Num(1).Div(lower.Sqrt(lower.Arg(1).Add(lower.Num(.1))))
	for _, c := range []struct {
		name  string
		shape lower.Shape // of the operand that is broadcast to [6, 5, 8]
		want  string      // the elementwise steps
	}{
		{"a number for each row", lower.Shape{6, 5, 1}, "map div(1,sqrt(add(a0,0.1))); map mul(a0,a1)"},
		{"a number for each of the first axis", lower.Shape{6, 1, 1}, "map div(1,sqrt(add(a0,0.1))); map mul(a0,a1)"},
		{"one number", lower.Shape{1, 1, 1}, "map mul(a0,div(1,sqrt(add(a1,0.1))))"},
		{"a row that all share", lower.Shape{1, 1, 8}, "map mul(a0,div(1,sqrt(add(a1,0.1))))"},
	} {
		f := lower.NewFunc(lower.Shape{6, 5, 8}, c.shape)
		f.Return(f.Map(lower.Arg(0).Mul(root), f.In(0), f.Broadcast(f.In(1), 6, 5, 8)))
		g, err := stepwise(hoist)(f)
		require.NoError(t, err)
		require.NoError(t, g.Err())
		have := ""
		for _, s := range g.Steps() {
			if m, ok := s.Prim.(lower.Map); ok {
				if have != "" {
					have += "; "
				}
				have += m.String()
			}
		}
		require.Equal(t, c.want, have, c.name)
	}
}
