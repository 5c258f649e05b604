package search

import (
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
)

// Picture writes a picture of the search as PNG. The first panel has the metric of each
// trial, and the best so far as a line. Then there is a panel for each parameter, with
// the metric of the trials that have it against its value. The best trial is marked.
// Values far worse than most lie on the border.
func (r *Result) Picture(w io.Writer) error {
	if r == nil || w == nil || len(r.Trials) == 0 {
		return errNothing
	}
	const columns = 3
	n := len(r.Space) + 1
	c := newCanvas(min(n, columns)*panelWidth, (n+columns-1)/columns*panelHeight)
	values := r.valueAxis()
	first, best := panel{title: r.Metric + " by trial", x: axis{low: 1, high: float64(len(r.Trials))}, y: values}, r.Best()
	for i, t := range r.Trials {
		v, ok := t.Value()
		if !ok {
			continue
		}
		first.points = append(first.points, dot{float64(i + 1), v, best.Number == t.Number})
		if last := len(first.line) - 1; last < 0 || (v < first.line[last][1]) != r.Maximize {
			first.line = append(first.line, [2]float64{float64(i + 1), v})
		}
	}
	if last := len(first.line) - 1; last >= 0 {
		first.line = append(first.line, [2]float64{float64(len(r.Trials)), first.line[last][1]})
	}
	c.draw(first, 0, 0)
	for i, p := range r.Space {
		q := panel{title: p.name, x: axisOf(p), y: values}
		for _, t := range r.Trials {
			v, ok := t.Value()
			at, there := p.coordinate(t.Values[p.name])
			if !ok || !there {
				continue
			}
			if p.kind != choice {
				at = Values{"": t.Values[p.name]}.Float("")
			}
			q.points = append(q.points, dot{at, v, best.Number == t.Number})
		}
		c.draw(q, (i+1)%columns*panelWidth, (i+1)/columns*panelHeight)
	}
	return png.Encode(w, c.img)
}

// axisOf is the axis of a parameter's values.
func axisOf(p Parameter) axis {
	a := axis{low: p.low, high: p.high, log: p.log}
	if p.kind == choice {
		a.low, a.high = -0.5, float64(len(p.choices))-0.5
		for _, v := range p.choices {
			a.names = append(a.names, text(v))
		}
	}
	return a
}

// valueAxis goes from the best value to the worst that is not far from most.
func (r *Result) valueAxis() axis {
	var all []float64
	for _, t := range r.Trials {
		if v, ok := t.Value(); ok {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return axis{low: 0, high: 1}
	}
	slices.Sort(all)
	low, median, high := all[0], all[len(all)/2], all[len(all)-1]
	if far := 3 * (median - low); !r.Maximize && far > 0 {
		high = min(high, median+far)
	}
	if far := 3 * (high - median); r.Maximize && far > 0 {
		low = max(low, median-far)
	}
	margin := max((high-low)/20, 1e-12*math.Abs(high))
	return axis{low: low - margin, high: high + margin}
}

// shortened is a text of at most n characters.
func shortened(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:max(0, n-2)], "") + ".."
}
