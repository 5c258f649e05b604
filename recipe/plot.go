package recipe

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/train/picture"
)

// Comparisons are what Plot puts beside codes.
func Comparisons() []string { return []string{"pca"} }

// CheckComparison returns an error unless Plot knows a comparison.
func CheckComparison(versus string) error { return oneOf("--vs", versus, Comparisons()...) }

// Plotted is what a plot shows.
type Plotted struct {
	Run     string  `json:"run,omitempty"`
	Samples string  `json:"samples"` // where they are from
	PCA     *Versus `json:"pca,omitempty"`
	// Image is the picture.
	Image image.Image `json:"-"`
}

// mostPlotted is the number of samples that a plane has at most.
const mostPlotted = 5000

// walkSide is the number of samples in a row of a walk.
const walkSide = 12

// Plot draws the codes of samples as a plane, in a colour for each class if they have
// labels; see Run.Set. Codes of more than two dimensions are brought to the plane of their
// first two principal components.
//
// With versus "pca", the plane of the samples' own principal components is on the right,
// and the result has numbers. Below are, for samples of at least three values, the surface
// on which the decoder puts the plane of the codes, beside the plane of the components, both
// in the space of the first three components; and for pictures, walks over both planes.
func (r *Run) Plot(ctx context.Context, from, versus string) (*Plotted, error) {
	if versus != "" {
		if err := CheckComparison(versus); err != nil {
			return nil, err
		}
	}
	p, err := r.points(ctx, from, mostQueries)
	if err != nil {
		return nil, err
	}
	codes, err := planeOf(p.codes, p.dims)
	if err != nil {
		return nil, p.in.blame(err)
	}
	n := min(p.n, mostPlotted)
	var labels []float32
	for i := 0; i < n && p.label != nil; i++ {
		labels = append(labels, float32(p.label[i]))
	}
	out := &Plotted{Run: r.Dir, Samples: p.in.Where}
	left, err := picture.Plane(codes.flat()[:2*n], labels)
	if err != nil || versus == "" {
		out.Image = left
		return out, err
	}
	v, pca, err := r.versus(ctx, p)
	if err != nil {
		return nil, err
	}
	out.PCA = v
	components := project(pca, p.x)
	k := len(pca.Variances)
	flat, err := planeOf(firstOf(components, k, 2), 2)
	if err != nil {
		return nil, p.in.blame(err)
	}
	right, err := picture.Plane(flat.flat()[:2*n], labels)
	if err != nil {
		return nil, err
	}
	rows := panels{{
		{"codes of " + counted(v.Values) + errorText(v.Error), left},
		{counted(v.Components) + " of PCA" + errorText(v.PCAError), right},
	}}
	if p.width >= 3 {
		row, err := r.surfaces(codes, flat, pca, p)
		if err != nil {
			return nil, err
		}
		row[0].title = fmt.Sprintf("the decoder's surface, MSE %.4f", v.MSE)
		row[1].title = fmt.Sprintf("the plane of PCA, MSE %.4f", v.PCAMSE)
		rows = append(rows, row)
	}
	if shape, ok := r.pictureShape(p.width); ok {
		row, err := r.walks(codes, flat, pca, shape)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	out.Image = rows.draw()
	return out, nil
}

// Below are the pictures of plots below each other.
func Below(plots []*Plotted) image.Image {
	var images []image.Image
	for _, p := range plots {
		images = append(images, p.Image)
	}
	return below(images)
}

func counted(values int) string {
	if values == 1 {
		return "1 value"
	}
	return fmt.Sprintf("%d values", values)
}

func errorText(e *float64) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf(", 1-NN error %.3f", *e)
}

// firstOf are the first columns of rows.
func firstOf(x []float64, width, columns int) []float64 {
	if columns >= width {
		return x
	}
	var out []float64
	for i := 0; i < len(x); i += width {
		out = append(out, x[i:i+columns]...)
	}
	return out
}

// surfaces draws the decoder's surface and the plane of the components.
func (r *Run) surfaces(codes, flat *plane, pca *metrics.PCA, p *points) ([]panel, error) {
	decoded, err := r.decodeScaled(codes.walk(gridSide + 1))
	if err != nil {
		return nil, err
	}
	space := firstComponents(pca, 3)
	curved := &surface{side: gridSide, nodes: triples(project(space, float64s(decoded)))}
	curved.filled = func(cell int) bool { return codes.filled[mirrored(cell)] }
	straight := &surface{side: gridSide}
	straight.filled = func(int) bool { return true }
	for at, grid := 0, flat.walk(gridSide+1); at < len(grid); at += 2 {
		straight.nodes = append(straight.nodes, [3]float64{float64(grid[at]), float64(grid[at+1]), 0})
	}
	n := min(p.n, mostSpatial)
	at := triples(project(space, p.x[:n*p.width]))
	far := make([]float64, n)
	for i, x := range at {
		far[i] = math.Hypot(math.Hypot(x[0], x[1]), x[2])
	}
	slices.Sort(far)
	reach := 1.05 * far[n*97/100] // a few points may be far out
	var out []panel
	for _, s := range []*surface{curved, straight} {
		s.points = at
		if p.label != nil {
			s.label = p.label[:n]
		}
		out = append(out, panel{"", s.draw(max(reach, 1e-9))})
	}
	return out, nil
}

// mirrored is the cell of a plane, whose rows go from low to high, of a cell of a walk.
func mirrored(cell int) int { return (gridSide-1-cell/gridSide)*gridSide + cell%gridSide }

// triples are rows of three numbers.
func triples(x []float64) [][3]float64 {
	out := make([][3]float64, 0, len(x)/3)
	for i := 0; i+3 <= len(x); i += 3 {
		out = append(out, [3]float64(x[i:i+3]))
	}
	return out
}

// walks draws what is on both planes.
func (r *Run) walks(codes, flat *plane, pca *metrics.PCA, shape graph.Shape) ([]panel, error) {
	decoded, err := r.decodeScaled(codes.walk(walkSide))
	if err != nil {
		return nil, err
	}
	var linear []float32
	width := len(pca.Mean)
	for at, grid := 0, flat.walk(walkSide); at < len(grid); at += 2 {
		for k, v := range pca.Mean {
			for c := range 2 {
				v += float64(grid[at+c]) * pca.Directions[c*width+k]
			}
			linear = append(linear, float32(min(1, max(0, v))))
		}
	}
	var out []panel
	for _, w := range []struct {
		title string
		x     []float32
	}{{"a walk over the codes", decoded}, {"a walk over the plane of PCA", linear}} {
		var rows [][]float32
		for row := range walkSide {
			rows = append(rows, w.x[row*walkSide*width:(row+1)*walkSide*width])
		}
		img, err := picture.Grid(shape, rows...)
		if err != nil {
			return nil, err
		}
		out = append(out, panel{w.title, img})
	}
	return out, nil
}

// decodeScaled decodes codes, in the scale that the net sees.
func (r *Run) decodeScaled(codes []float32) ([]float32, error) {
	shape, _ := r.Model.Shape(graph.OutputCode)
	more, err := r.given(Generation{N: len(codes) / max(1, shape.Size())}, nil)
	if err != nil {
		return nil, err
	}
	x, err := r.Model.Decode(codes, more...)
	if err != nil {
		return nil, err
	}
	return r.scaled(x)
}

// pictureShape is the shape of samples if they are pictures: a square of a flat sample's
// values counts as one.
func (r *Run) pictureShape(width int) (graph.Shape, bool) {
	if len(r.Model.Scalers()) > 0 {
		return nil, false
	}
	shape, _ := r.Model.Shape(graph.OutputRecon)
	if s, ok := r.sampleShape(); ok && s.Size() == width {
		shape = s
	}
	if len(shape) == 3 && (shape[0] == 1 || shape[0] == 3) {
		return shape, true
	}
	return nil, false
}
