package report

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLossAxisIsLogarithmicForLargeRatiosOfPositiveLosses(t *testing.T) {
	for _, c := range []struct {
		losses []float64
		log    bool
	}{
		{[]float64{.69, .1}, false},
		{[]float64{40, .02}, true},
		{[]float64{40, 0}, false},
		{[]float64{-1, 100}, false},
		{[]float64{5}, false},
	} {
		var points []Point
		for i, l := range c.losses {
			points = append(points, Point{float64(i + 1), l})
		}
		panels := curvePanels([]Curve{{Model: "m", Backend: "b", Train: points}}, palette{})
		require.Len(t, panels, 1)
		require.Equal(t, c.log, panels[0].Log, "%v", c.losses)
	}
}

func TestCurvesBreakWhereALossIsNotFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	c := Curve{Model: "m", Backend: "b", Unit: "step", Train: []Point{{0, nan}, {1, 2}, {2, 1}, {3, nan}, {4, 3}, {5, inf}}}
	p := curvePanels([]Curve{c}, palette{})[0]
	require.Equal(t, "M200.0 500.0L400.0 1000.0", p.Lines[0].Path)
	require.Equal(t, "M200.0 500.0h.01M400.0 1000.0h.01M800.0 0.0h.01", p.Lines[0].Dots)
	require.Equal(t, "+Inf", p.Lines[0].Last)
	require.Equal(t, []string{"b train: 3 points without a finite loss left out."}, p.Remarks)
}

func TestACurveOfOnePointIsADot(t *testing.T) {
	p := curvePanels([]Curve{{Model: "m", Backend: "b", Unit: "epoch", Train: []Point{{1, .25}}}}, palette{})[0]
	require.Empty(t, p.Lines[0].Path)
	require.Equal(t, "M500.0 500.0h.01", p.Lines[0].Dots)
	require.Equal(t, []tick{{"0.00%", "0", "first"}, {"50.00%", "1", ""}, {"100.00%", "2", "last"}}, p.X)
}

func TestCurvesWithoutAnyFiniteLossSayWhy(t *testing.T) {
	panels := curvePanels([]Curve{
		{Model: "empty", Backend: "b"},
		{Model: "lost", Backend: "b", Train: []Point{{1, math.NaN()}}},
	}, palette{})
	require.Len(t, panels, 1)
	require.Equal(t, "lost", panels[0].Model)
	require.Empty(t, panels[0].Lines)
	require.Equal(t, []string{"b train: 1 point without a finite loss left out."}, panels[0].Remarks)
}

func TestLongCurvesAreMeansOfNeighbours(t *testing.T) {
	var points []Point
	for i := range 2*maxPoints + 1 {
		points = append(points, Point{float64(i), float64(10 * i)})
	}
	points[1].Loss = math.NaN()
	got, group := thin(points)
	require.Equal(t, 3, group)
	require.LessOrEqual(t, len(got), maxPoints)
	require.Equal(t, Point{1, 10}, got[0], "the mean of the first and third, which are finite")
	require.InDelta(t, 4, got[1].X, 1e-9)
	require.InDelta(t, 40, got[1].Loss, 1e-9)

	same, group := thin(points[:maxPoints])
	require.Equal(t, 1, group)
	require.Len(t, same, maxPoints)
}

func TestSmallDifferencesAreNotBlownUp(t *testing.T) {
	_, y := curveAxes([]Point{{1, .2631}, {2, .2617}})
	require.GreaterOrEqual(t, y.high-y.low, leastSpan*.26)
}

func TestCurvesOfDifferentUnitsGetTheirOwnCharts(t *testing.T) {
	one := []Point{{1, 1}}
	panels := curvePanels([]Curve{
		{Model: "conv", Backend: "a", Unit: "step", Train: one},
		{Model: "vae", Backend: "a", Unit: "step", Train: one},
		{Model: "conv", Backend: "b", Unit: "step", Train: one, Test: one},
		{Model: "conv", Backend: "c", Unit: "epoch", Test: one},
	}, palette{"a": "hue0", "b": "hue1"})
	require.Len(t, panels, 3)
	var names []string
	for _, l := range panels[0].Lines {
		names = append(names, l.Name+" "+l.Class)
	}
	require.Equal(t, []string{"a train hue0", "b train hue1", "b test hue1"}, names)
}
