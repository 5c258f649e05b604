// Package figure draws what a training measured: the loss against the learning rate, and
// the numbers of its epochs. The file's extension says in which format: png, svg or pdf.
package figure

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/stheno-ml/stheno/internal/atomicfile"
)

// Axes are the axes of a figure.
type Axes struct {
	Title, X, Y string
	LogX, LogY  bool // logarithmic; what is not above 0 is left out
	Left        bool // the legend is on the left
	Size        int  // width in units of 1/96 inch; 0 means 640. The height is two thirds of it
}

// Line is a line through points. Points that are not finite are left out.
type Line struct {
	Name   string // "" is not in the legend
	X, Y   []float64
	Points bool // it is drawn as points
	Dashed bool
}

// palette is that of Okabe and Ito (2008), which the colour-blind can tell apart.
var palette = [...]color.RGBA{
	{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
	{230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255}, {240, 228, 66, 255},
}

// Draw writes a figure of lines to a file. If it fails, an existing file is unchanged.
func Draw(path string, a Axes, lines ...Line) error {
	p, err := a.plot(lines)
	if err != nil {
		return fmt.Errorf("figure %s: %w", path, err)
	}
	width := 640.0
	if a.Size > 0 {
		width = float64(a.Size)
	}
	size := vg.Length(width) * vg.Inch / 96
	out, err := p.WriterTo(size, size*2/3, strings.TrimPrefix(filepath.Ext(path), "."))
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error {
			_, err := out.WriteTo(w)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("figure %s: %w", path, err)
	}
	return nil
}

func (a Axes) plot(lines []Line) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = a.Title, a.X, a.Y
	p.Legend.Top, p.Legend.Left = true, a.Left
	if a.LogX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 1}
	}
	if a.LogY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 1}
	}
	p.Add(plotter.NewGrid())
	drawn := 0
	for i, l := range lines {
		if len(l.X) != len(l.Y) {
			return nil, fmt.Errorf("line %q has %d values of x and %d of y", l.Name, len(l.X), len(l.Y))
		}
		points := l.points(a)
		if len(points) == 0 {
			continue
		}
		drawn++
		if err := l.add(p, points, palette[i%len(palette)]); err != nil {
			return nil, err
		}
	}
	if drawn == 0 {
		return nil, errors.New("there is nothing to draw: no point is finite")
	}
	return p, nil
}

// points returns the points that can be drawn.
func (l Line) points(a Axes) (out plotter.XYs) {
	usable := func(v float64, log bool) bool {
		return !math.IsNaN(v) && !math.IsInf(v, 0) && (!log || v > 0)
	}
	for i, x := range l.X {
		if usable(x, a.LogX) && usable(l.Y[i], a.LogY) {
			out = append(out, plotter.XY{X: x, Y: l.Y[i]})
		}
	}
	return out
}

func (l Line) add(p *plot.Plot, points plotter.XYs, c color.RGBA) error {
	if l.Points {
		s, err := plotter.NewScatter(points)
		if err != nil {
			return err
		}
		s.Color, s.Radius = c, vg.Points(2)
		p.Add(s)
		if l.Name != "" {
			p.Legend.Add(l.Name, s)
		}
		return nil
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = c, vg.Points(1.5)
	if l.Dashed {
		line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	}
	p.Add(line)
	if l.Name != "" {
		p.Legend.Add(l.Name, line)
	}
	return nil
}
