package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/lower"
)

// stepsByRow returns how many steps are left when steps over rows are joined, and how
// many of them are parts of rows.
func stepsByRow(t *testing.T, f *lower.Func) (steps, parts int) {
	require.NoError(t, f.Err())
	g, err := Target{Rows: true}.rows(f)
	require.NoError(t, err)
	require.NoError(t, g.Err())
	require.Len(t, g.Results(), len(f.Results()))
	for i, v := range f.Results() {
		require.Equal(t, f.Shape(v), g.Shape(g.Results()[i]))
	}
	for _, s := range g.Steps() {
		if lower.IsView(s.Prim) {
			continue
		}
		steps++
		if _, ok := s.Prim.(Rows); ok {
			parts++
		}
	}
	return steps, parts
}

// centred is (x - s/10) * y, where s is the sum of x over the last axis: three steps.
func centred(f *lower.Func, x, y lower.Value) lower.Value {
	s := f.Shape(x)
	mean := f.Map(lower.Arg(0).Mul(lower.Num(.1)), f.Sum(x, len(s)-1))
	return f.Map(lower.Arg(0).Sub(lower.Arg(1)).Mul(lower.Arg(2)), x, f.Broadcast(mean, s...), y)
}

func TestStepsOverRowsBecomeOne(t *testing.T) {
	for _, c := range []struct {
		name         string
		x, y         lower.Shape
		steps, parts int
	}{
		{"rows", lower.Shape{100, 8}, lower.Shape{100, 8}, 1, 1},
		{"rows on several axes", lower.Shape{4, 25, 8}, lower.Shape{4, 25, 8}, 1, 1},
		{"a row that all share", lower.Shape{100, 8}, lower.Shape{1, 8}, 1, 1},
		{"a number for each row", lower.Shape{100, 8}, lower.Shape{100, 1}, 1, 1},
		{"one number", lower.Shape{100, 8}, lower.Shape{1, 1}, 1, 1},
		{"a row for every 25 rows", lower.Shape{4, 25, 8}, lower.Shape{4, 1, 8}, 2, 1},
		{"few rows", lower.Shape{60, 8}, lower.Shape{60, 8}, 3, 0},
		{"long rows", lower.Shape{100, 10000}, lower.Shape{100, 10000}, 3, 0},
	} {
		f := lower.NewFunc(c.x, c.y)
		f.Return(centred(f, f.In(0), f.Broadcast(f.In(1), c.x...)))
		steps, parts := stepsByRow(t, f)
		require.Equal(t, []int{c.steps, c.parts}, []int{steps, parts}, c.name)
	}
}

// A sum over the rows is complete only after the last row, so a step that reads it
// stays outside.
func TestSumsOverRowsAreReadAfterTheLastRow(t *testing.T) {
	f := lower.NewFunc(lower.Shape{100, 8})
	y := centred(f, f.In(0), f.In(0))
	sums := f.Sum(y, 0)
	f.Return(f.Map(lower.Arg(0).Add(lower.Arg(1)), y, f.Broadcast(sums, 100, 8)), f.Sum(y, 0, 1))
	steps, parts := stepsByRow(t, f)
	require.Equal(t, []int{2, 1}, []int{steps, parts})
}

// A reduction along no axis changes nothing.
func TestAReductionAlongNoAxisHasNoRows(t *testing.T) {
	f := lower.NewFunc(lower.Shape{100, 8})
	f.Return(f.Map(lower.Exp(lower.Arg(0)), f.Sum(f.In(0))))
	steps, parts := stepsByRow(t, f)
	require.Equal(t, []int{2, 0}, []int{steps, parts})
}

func TestAProductBetweenStepsOverRowsKeepsThemApart(t *testing.T) {
	f := lower.NewFunc(lower.Shape{100, 8}, lower.Shape{8, 8})
	y := centred(f, f.In(0), f.In(0))
	p := f.MatMul(y, f.In(1))
	f.Return(centred(f, p, y))
	steps, parts := stepsByRow(t, f)
	require.Equal(t, []int{3, 2}, []int{steps, parts})
}
