package recipe

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/vector"

	"github.com/stheno-ml/stheno/train/picture"
)

// surface is a mesh in space with points around it, drawn from a fixed side.
type surface struct {
	nodes  [][3]float64 // (side+1)^2 of them, row by row
	side   int          // cells in a row
	filled func(cell int) bool
	points [][3]float64
	label  []int // of the points; nil if they have none
}

// Pixels of a panel, and how much larger it is drawn before it is made smaller.
const (
	panelSide = 352
	oversized = 2
)

// mostSpatial is the number of points that are drawn in space.
const mostSpatial = 1200

// item is a cell or a point, with its distance from the viewer.
type item struct {
	depth float64
	draw  func()
}

// draw draws the surface. reach is half the width of the space that fits into the panel.
func (s *surface) draw(reach float64) image.Image {
	const full = panelSide * oversized
	img := image.NewRGBA(image.Rect(0, 0, full, full))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	place := func(p [3]float64) (x, y float32, depth float64) {
		const turn, lift = -55 * math.Pi / 180, 38 * math.Pi / 180
		u := p[0]*math.Cos(turn) - p[1]*math.Sin(turn)
		w := p[0]*math.Sin(turn) + p[1]*math.Cos(turn)
		up, depth := p[2]*math.Cos(lift)+w*math.Sin(lift), w*math.Cos(lift)-p[2]*math.Sin(lift)
		at := func(v float64) float32 { return float32(full/2 + v/reach*full/2) }
		return at(u), at(-up), depth
	}
	var items []item
	for cell := range s.side * s.side {
		if !s.filled(cell) {
			continue
		}
		i, j := cell%s.side, cell/s.side
		var corners [4][2]float32
		var space [4][3]float64
		depth := 0.0
		for k, at := range [4]int{j*(s.side+1) + i, j*(s.side+1) + i + 1, (j+1)*(s.side+1) + i + 1, (j+1)*(s.side+1) + i} {
			space[k] = s.nodes[at]
			x, y, d := place(s.nodes[at])
			corners[k], depth = [2]float32{x, y}, depth+d/4
		}
		items = append(items, item{depth, func() { fillCell(img, corners, shade(space)) }})
	}
	for i, p := range s.points {
		x, y, depth := place(p)
		c := picture.ClassColor(0)
		if s.label != nil {
			c = picture.ClassColor(s.label[i])
		}
		items = append(items, item{depth, func() {
			const r = 2 * oversized
			dot := image.Rect(int(x)-r, int(y)-r, int(x)+r, int(y)+r)
			draw.Draw(img, dot, image.NewUniform(c), image.Point{}, draw.Over)
		}})
	}
	slices.SortStableFunc(items, func(a, b item) int {
		switch {
		case a.depth > b.depth:
			return -1
		case a.depth < b.depth:
			return 1
		}
		return 0
	})
	for _, i := range items {
		i.draw()
	}
	small := image.NewRGBA(image.Rect(0, 0, panelSide, panelSide))
	xdraw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	return small
}

// shade is the colour of a cell: lighter if it faces the light.
func shade(p [4][3]float64) color.RGBA {
	var a, b, n [3]float64
	for k := range 3 {
		a[k], b[k] = p[2][k]-p[0][k], p[3][k]-p[1][k]
	}
	n = [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
	length := math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2])
	light := 1.0
	if length > 0 {
		light = math.Abs(0.3*n[0]-0.5*n[1]+0.81*n[2]) / length
	}
	v := 150 + 90*light
	return color.RGBA{uint8(v * 0.92), uint8(v * 0.96), uint8(v), 255}
}

// fillCell fills a cell and draws its edge.
func fillCell(img draw.Image, corners [4][2]float32, c color.RGBA) {
	fillPolygon(img, corners[:], c)
	const width = 0.5 * oversized
	for k, p := range corners {
		q := corners[(k+1)%4]
		dx, dy := float64(q[0]-p[0]), float64(q[1]-p[1])
		length := math.Hypot(dx, dy)
		if length == 0 {
			continue
		}
		nx, ny := float32(-dy/length*width/2), float32(dx/length*width/2)
		fillPolygon(img, [][2]float32{{p[0] + nx, p[1] + ny}, {q[0] + nx, q[1] + ny}, {q[0] - nx, q[1] - ny}, {p[0] - nx, p[1] - ny}}, color.RGBA{120, 130, 150, 255})
	}
}

// fillPolygon fills a polygon, as far as it is in the picture.
func fillPolygon(img draw.Image, corners [][2]float32, c color.RGBA) {
	box := image.Rectangle{}
	for i, p := range corners {
		if math.IsNaN(float64(p[0]+p[1])) || math.Abs(float64(p[0])) > 1e5 || math.Abs(float64(p[1])) > 1e5 {
			return
		}
		pixel := image.Rect(int(math.Floor(float64(p[0]))), int(math.Floor(float64(p[1]))), int(p[0])+2, int(p[1])+2)
		if i == 0 {
			box = pixel
		}
		box = box.Union(pixel)
	}
	if box.Intersect(img.Bounds()).Empty() || box.Dx() > 2*img.Bounds().Dx() || box.Dy() > 2*img.Bounds().Dy() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	for i, p := range corners {
		x, y := p[0]-float32(box.Min.X), p[1]-float32(box.Min.Y)
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy())) // a rasterizer does not clip
	r.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	draw.DrawMask(img, box, image.NewUniform(c), image.Point{}, mask, image.Point{}, draw.Over)
}
