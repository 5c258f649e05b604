// The strangest stretches of a series, and a picture of it.

package main

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/stheno-ml/stheno/detect"
	"github.com/stheno-ml/stheno/detect/series"
	"github.com/stheno-ml/stheno/metrics"
)

func inSeries(ctx context.Context, w io.Writer, o options) error {
	s, err := series.OpenCSV(o.series, series.CSVOptions{Time: "timestamp", Value: "value", Irregular: series.Mend})
	if err != nil {
		return err
	}
	if o.known == 0 {
		o.known = s.Len() / 4
	}
	known, err := s.First(o.known)
	if err != nil {
		return err
	}
	model, err := series.Detector{Window: min(100, max(4, o.known/4))}.Fit(ctx, known, detect.Options{Seed: o.seed})
	if err != nil {
		return err
	}
	defer model.Close()
	scores, err := model.Score(s)
	if err != nil {
		return err
	}
	times := s.Times()
	for _, at := range series.Strangest(series.Finite(scores), 3, 100) {
		fmt.Fprintf(w, "strange around %s: score %.3f\n", times[at].Format(time.DateTime), scores[at])
	}
	anomaly := make([]bool, s.Len())
	if o.labels != "" {
		intervals, err := series.OpenLabels(o.labels, filepath.Base(o.series))
		if err != nil {
			return err
		}
		if anomaly, err = s.Within(intervals); err != nil {
			return err
		}
		period := series.Period(s.Values())
		vus, err := metrics.VUSPR(scores, anomaly, period)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "VUS-PR %.3f, by the labels and the period of %d points\n", vus, period)
	}
	if o.picture == "" {
		return nil
	}
	return picture(o.picture, s, scores, anomaly)
}

// picture draws the values of a series, with its anomalies shaded, and the scores below.
func picture(file string, s *series.Series, scores []float64, anomaly []bool) error {
	canvas := vgimg.New(24*vg.Centimeter, 12*vg.Centimeter)
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadY: 4 * vg.Millimeter, PadRight: 6 * vg.Millimeter, PadTop: 2 * vg.Millimeter}
	plots := [][]*plot.Plot{{nil}, {nil}}
	for k, y := range [][]float64{s.Values(), scores} {
		p := plot.New()
		p.Y.Label.Text = []string{"value", "score"}[k]
		p.X.Tick.Marker = plot.TimeTicks{Format: "2006-01-02"}
		var line plotter.XYs
		for i, t := range s.Times() {
			line = append(line, plotter.XY{X: float64(t.Unix()), Y: y[i]})
		}
		if err := shade(p, line, anomaly); err != nil {
			return err
		}
		l, err := plotter.NewLine(line)
		if err != nil {
			return err
		}
		l.Width, l.Color = vg.Points(.6), []color.RGBA{{R: 0x1f, G: 0x4e, B: 0x8c, A: 255}, {R: 0xb0, G: 0x30, B: 0x20, A: 255}}[k]
		p.Add(l)
		plots[k][0] = p
	}
	for k, row := range plot.Align(plots, tiles, draw.New(canvas)) {
		plots[k][0].Draw(row[0])
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// shade marks the stretches of anomalies.
func shade(p *plot.Plot, line plotter.XYs, anomaly []bool) error {
	low, high := line[0].Y, line[0].Y
	for _, xy := range line {
		low, high = min(low, xy.Y), max(high, xy.Y)
	}
	for i := 0; i < len(anomaly); i++ {
		if !anomaly[i] {
			continue
		}
		from := i
		for i+1 < len(anomaly) && anomaly[i+1] {
			i++
		}
		area, err := plotter.NewPolygon(plotter.XYs{{X: line[from].X, Y: low}, {X: line[i].X, Y: low}, {X: line[i].X, Y: high}, {X: line[from].X, Y: high}})
		if err != nil {
			return err
		}
		area.Color, area.LineStyle.Width = color.RGBA{R: 0xf2, G: 0xd9, B: 0x8c, A: 255}, 0
		p.Add(area)
	}
	return nil
}
