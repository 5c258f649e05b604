package figure

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/stheno-ml/stheno/internal/atomicfile"
	"github.com/stheno-ml/stheno/train/search"
)

// Search draws a search in panels: the metric of each trial, with the best so far as a
// line, and the metric against the value of each parameter, of the trials that have it.
// The best trial is larger. Values far worse than most lie on the border.
func Search(path string, r *search.Result) error {
	if r == nil || r.Best() == nil {
		return fmt.Errorf("figure %s: there is no trial with a value to draw", path)
	}
	v := valuesOf(r)
	plots := []*plot.Plot{v.byTrial()}
	for _, p := range r.Space {
		plots = append(plots, v.byParameter(p))
	}
	const columns, width, height, pad = 3, 4 * vg.Inch, 3 * vg.Inch, vg.Inch / 8
	tiles := draw.Tiles{Cols: min(columns, len(plots)), Rows: (len(plots) + columns - 1) / columns, PadX: pad, PadY: pad, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad}
	all := make([][]*plot.Plot, tiles.Rows)
	for i := range all {
		all[i] = make([]*plot.Plot, tiles.Cols)
		copy(all[i], plots[i*columns:])
	}
	c, err := draw.NewFormattedCanvas(width*vg.Length(tiles.Cols), height*vg.Length(tiles.Rows), strings.TrimPrefix(filepath.Ext(path), "."))
	if err != nil {
		return fmt.Errorf("figure %s: %w", path, err)
	}
	for i, row := range plot.Align(all, tiles, draw.New(c)) {
		for k, at := range row {
			if all[i][k] != nil {
				all[i][k].Draw(at)
			}
		}
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := c.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("figure %s: %w", path, err)
	}
	return nil
}

// values are what the panels of a search share.
type values struct {
	r         *search.Result
	best      int     // the number of the best trial
	low, high float64 // the values to show
}

// valuesOf finds the range from the best value to the worst that is not far from most.
func valuesOf(r *search.Result) values {
	var all []float64
	for _, t := range r.Trials {
		if y, ok := t.Value(); ok {
			all = append(all, y)
		}
	}
	slices.Sort(all)
	v := values{r, r.Best().Number, all[0], all[len(all)-1]}
	median := all[len(all)/2]
	if r.Maximize {
		v.low = max(v.low, median-3*(v.high-median))
	} else {
		v.high = min(v.high, median+3*(median-v.low))
	}
	return v
}

// byTrial is the panel of all trials.
func (v values) byTrial() *plot.Plot {
	p := v.panel(v.r.Metric + " by trial")
	p.X.Min = 0
	var points, line plotter.XYs
	for _, t := range v.r.Trials {
		y, ok := t.Value()
		if !ok {
			continue
		}
		at := plotter.XY{X: float64(t.Number), Y: min(max(y, v.low), v.high)}
		points = append(points, at)
		if n := len(line); n > 0 && (y >= line[n-1].Y) != v.r.Maximize {
			at.Y = line[n-1].Y
		}
		line = append(line, at)
	}
	steps := &plotter.Line{XYs: line, StepStyle: plotter.PostStep, LineStyle: draw.LineStyle{Color: palette[1], Width: vg.Points(1.5)}}
	p.Add(steps, v.scatter(points, func(i int) bool { return int(points[i].X) == v.best }))
	return p
}

// byParameter is the panel of a parameter.
func (v values) byParameter(of search.Parameter) *plot.Plot {
	p := v.panel(of.Name())
	var points plotter.XYs
	var numbers []int
	choices := of.Choices()
	for _, t := range v.r.Trials {
		y, ok := t.Value()
		value, there := t.Values[of.Name()]
		if !ok || !there {
			continue
		}
		x := t.Values.Float(of.Name())
		if choices != nil {
			x = float64(slices.IndexFunc(choices, func(c any) bool { return label(c) == label(value) }))
		}
		points, numbers = append(points, plotter.XY{X: x, Y: min(max(y, v.low), v.high)}), append(numbers, t.Number)
	}
	if choices != nil {
		var names []string
		for _, c := range choices {
			names = append(names, label(c))
		}
		p.NominalX(names...)
	}
	if len(points) > 0 {
		p.Add(v.scatter(points, func(i int) bool { return numbers[i] == v.best }))
	}
	if low, high, log := of.Bounds(); choices == nil && log {
		p.X.Scale, p.X.Tick.Marker, p.X.Min, p.X.Max = plot.LogScale{}, plot.LogTicks{Prec: -1}, low, high
	} else if choices == nil {
		p.X.Min, p.X.Max = low, high
	} else {
		p.X.Min, p.X.Max = -0.5, float64(len(choices))-0.5
	}
	return p
}

func (v values) panel(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	margin := (v.high - v.low) / 30
	p.Y.Min, p.Y.Max = v.low-margin, v.high+margin
	p.Add(plotter.NewGrid())
	return p
}

// scatter has a dot for each point, a larger one where best says so.
func (v values) scatter(points plotter.XYs, best func(i int) bool) *plotter.Scatter {
	return &plotter.Scatter{XYs: points, GlyphStyleFunc: func(i int) draw.GlyphStyle {
		s := draw.GlyphStyle{Color: palette[0], Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
		if best(i) {
			s.Color, s.Radius = palette[1], vg.Points(4.5)
		}
		return s
	}}
}

// label is a choice as text.
func label(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
