package recipe

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/train/picture"
)

// mostPlotted is the number of samples that a plot has at most.
const mostPlotted = 5000

// Plot draws the codes of samples as a plane, in a colour for each class if they have
// labels; see Run.Set. Codes of more than two dimensions are brought to the plane of their
// first two principal components. With besidePCA, the plane of the samples' own principal
// components is on the right.
func (r *Run) Plot(ctx context.Context, from string, besidePCA bool) (image.Image, *Input, error) {
	in, err := r.Set(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	some := data.Limit(in, mostPlotted)
	out, err := r.Model.Compute(some, graph.OutputCode)
	if err != nil {
		return nil, nil, in.blame(err)
	}
	var labels []float32
	if label, err := data.ArrayOf(some, graph.InputLabel); err == nil {
		labels = label.Values
	}
	codes, err := toPlane(out[0].Data, some.Len())
	if err != nil {
		return nil, nil, in.blame(err)
	}
	left, err := picture.Plane(codes, labels)
	if err != nil || !besidePCA {
		return left, in, err
	}
	x, err := data.ArrayOf(some, graph.InputX)
	if err != nil {
		return nil, nil, in.blame(err)
	}
	points, err := components(x.Values, some.Len())
	if err != nil {
		return nil, nil, in.blame(err)
	}
	right, err := picture.Plane(points, labels)
	if err != nil {
		return nil, nil, err
	}
	return beside(left, right), in, nil
}

// toPlane brings n points to two dimensions, if they have others.
func toPlane(x []float32, n int) ([]float32, error) {
	if len(x) == 2*n {
		return x, nil
	}
	return components(x, n)
}

// components are the first two principal components of n points.
func components(x []float32, n int) ([]float32, error) {
	dims := len(x) / max(n, 1)
	if dims < 2 {
		return nil, errors.New("points of one dimension are no plane")
	}
	points := float64s(x)
	p, err := metrics.FitPCA(points, dims, 2)
	if err != nil {
		return nil, err
	}
	var out []float32
	for _, v := range project(p, points) {
		out = append(out, float32(v))
	}
	return out, nil
}

// beside puts two pictures side by side.
func beside(left, right image.Image) image.Image {
	const gap = 8
	l, r := left.Bounds(), right.Bounds()
	all := image.NewRGBA(image.Rect(0, 0, l.Dx()+gap+r.Dx(), max(l.Dy(), r.Dy())))
	draw.Draw(all, all.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(all, image.Rect(0, 0, l.Dx(), l.Dy()), left, l.Min, draw.Src)
	draw.Draw(all, image.Rect(l.Dx()+gap, 0, l.Dx()+gap+r.Dx(), r.Dy()), right, r.Min, draw.Src)
	return all
}
