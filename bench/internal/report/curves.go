// Loss curves: a chart for each model and batch, lines for each of its runs.

package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxPoints  = 400  // in a line; more are averaged in groups
	fewPoints  = 15   // up to this many, each point has a dot
	logFrom    = 30.0 // ratio of the largest to the smallest loss that makes the axis logarithmic
	leastSpan  = 0.1  // of a linear axis relative to the losses, so that noise looks small
	chartUnits = 1000 // width and height of a chart's drawing, which the page stretches
)

// curvePanel is one chart.
type curvePanel struct {
	Model, Unit string
	Log         bool
	LabelWidth  int // of the labels on the left, in characters
	X, Y        []tick
	Lines       []line
	Remarks     []string
}

// line is one line of a chart, with its entry in the legend.
type line struct {
	Name, Class string
	Test        bool   // on test samples, drawn with dots and rings
	Last        string // the last loss
	Path, Dots  string // drawing commands of SVG
}

// curvePanels makes the charts, one for each model, batch and unit of X.
func curvePanels(curves []Curve, colours palette) []curvePanel {
	var panels []curvePanel
	type key struct {
		of   subject
		unit string
	}
	keyOf := func(c Curve) key { return key{c.subject(), c.Unit} }
	titles := titlesOf(distinct(curves, Curve.subject))
	for _, k := range distinct(curves, keyOf) {
		mine := slices.DeleteFunc(slices.Clone(curves), func(c Curve) bool { return keyOf(c) != k })
		if p, drawn := curvePanelOf(mine, colours); drawn {
			p.Model = titles[k.of]
			panels = append(panels, p)
		}
	}
	return panels
}

func (c Curve) subject() subject { return subject{c.Model, c.Batch} }

// curvePanelOf draws the curves of one model at one batch size; drawn is false if there is neither a point nor a
// remark.
func curvePanelOf(curves []Curve, colours palette) (p curvePanel, drawn bool) {
	p = curvePanel{Unit: curves[0].Unit}
	type drawing struct {
		line
		points []Point
	}
	var drawings []drawing
	var means []string
	for _, c := range curves {
		for _, part := range []struct {
			name   string
			points []Point
			test   bool
		}{{"train", c.Train, false}, {"test", c.Test, true}} {
			points, group := thin(part.points)
			if group > 1 {
				means = append(means, fmt.Sprintf("Each %s point is the mean of %d.", part.name, group))
			}
			if bad := notFinite(part.points); bad > 0 {
				p.Remarks = append(p.Remarks, fmt.Sprintf("%s %s: %s without a finite loss left out.", c.Backend, part.name, some(bad, "point")))
			}
			if len(part.points) > notFinite(part.points) {
				l := line{Name: c.Backend + " " + part.name, Class: colours[c.Backend], Test: part.test, Last: lastOf(part.points)}
				drawings = append(drawings, drawing{l, points})
			}
		}
	}
	p.Remarks = append(p.Remarks, distinct(means, func(s string) string { return s })...)
	for _, c := range curves {
		if c.Remark != "" {
			p.Remarks = append(p.Remarks, c.Remark)
		}
	}
	var all []Point
	for _, d := range drawings {
		all = append(all, d.points...)
	}
	if len(all) == 0 {
		return p, len(p.Remarks) > 0
	}
	x, y := curveAxes(all)
	p.Log, p.X, p.Y = y.log, ticksOf(x), ticksOf(y)
	for _, t := range p.Y {
		p.LabelWidth = max(p.LabelWidth, utf8.RuneCountInString(t.Text))
	}
	for _, d := range drawings {
		d.Path, d.Dots = paths(d.points, x, y)
		p.Lines = append(p.Lines, d.line)
	}
	return p, true
}

// curveAxes chooses the axes for the points of a chart, at least one of which has a finite loss.
func curveAxes(points []Point) (x, y axis) {
	left, right, low, high := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if isFinite(p.X) {
			left, right = min(left, p.X), max(right, p.X)
		}
		if p.finite() {
			low, high = min(low, p.Loss), max(high, p.Loss)
		}
	}
	if left > 0 && left < right/10 {
		left = 0
	}
	if left == right {
		left, right = left-1, right+1
	}
	x = innerAxis(left, right, 5)
	if x.step < 1 && !slices.ContainsFunc(points, func(p Point) bool { return p.X != math.Trunc(p.X) }) {
		x = innerAxis(left, right, 2)
	}
	if low > 0 && high/low >= logFrom {
		return x, logAxis(low, high)
	}
	if short := leastSpan*max(math.Abs(low), math.Abs(high)) - (high - low); short > 0 {
		low, high = low-short/2, high+short/2
	}
	return x, outerAxis(low, high, 5)
}

// paths draws a line through the points, broken where one is not finite, and dots if the points are few or isolated.
func paths(points []Point, x, y axis) (path, dots string) {
	var p, d strings.Builder
	for i, q := range points {
		if !q.finite() {
			continue
		}
		at := fmt.Sprintf("%.1f %.1f", chartUnits*x.at(q.X), chartUnits*(1-y.at(q.Loss)))
		joined := i > 0 && points[i-1].finite()
		followed := i+1 < len(points) && points[i+1].finite()
		if joined {
			p.WriteString("L" + at)
		} else if followed {
			p.WriteString("M" + at)
		}
		if len(points) <= fewPoints || !joined && !followed {
			d.WriteString("M" + at + "h.01")
		}
	}
	return p.String(), d.String()
}

// thin averages groups of neighbours, so that at most maxPoints are left, and
// returns the size of the groups. A group is the mean of its finite points, and is not finite if it has none.
func thin(points []Point) (thinned []Point, group int) {
	group = (len(points) + maxPoints - 1) / maxPoints
	if group <= 1 {
		return points, group
	}
	for part := range slices.Chunk(points, group) {
		var mean Point
		n := float64(len(part) - notFinite(part))
		for _, q := range part {
			if q.finite() {
				mean.X += q.X / n
				mean.Loss += q.Loss / n
			}
		}
		if n == 0 {
			mean = part[0]
		}
		thinned = append(thinned, mean)
	}
	return thinned, group
}

// finite reports whether the point has a place on a chart.
func (p Point) finite() bool { return isFinite(p.X) && isFinite(p.Loss) }

// notFinite counts the points that have no place on a chart.
func notFinite(points []Point) int {
	n := 0
	for _, q := range points {
		if !q.finite() {
			n++
		}
	}
	return n
}

// lastOf returns the last loss as text.
func lastOf(points []Point) string {
	return four(points[len(points)-1].Loss)
}
