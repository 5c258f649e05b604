package recipe

import (
	"image"
	"image/color"
	"image/draw"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/stheno-ml/stheno/train/picture"
)

// panel is a picture with a line of text above it.
type panel struct {
	title string
	image image.Image
}

// panels are rows of panels of one size.
type panels [][]panel

// draw puts the panels below each other.
func (p panels) draw() image.Image {
	const gap, head = 8, 20
	columns := 0
	for _, row := range p {
		columns = max(columns, len(row))
	}
	all := image.NewRGBA(image.Rect(0, 0, gap+columns*(panelSide+gap), gap+len(p)*(head+panelSide+gap)))
	draw.Draw(all, all.Bounds(), image.White, image.Point{}, draw.Src)
	for j, row := range p {
		for i, one := range row {
			at := image.Pt(gap+i*(panelSide+gap), gap+j*(head+panelSide+gap))
			text := font.Drawer{Dst: all, Src: image.NewUniform(color.Gray{40}), Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y+13)}
			text.DrawString(one.title)
			box := image.Rect(0, 0, panelSide, panelSide).Add(at).Add(image.Pt(0, head))
			xdraw.CatmullRom.Scale(all, box, one.image, one.image.Bounds(), draw.Src, nil)
		}
	}
	return fewColors(all)
}

// fewColors is a picture of at most 256 colours, whose file is small: those of classes, greys
// and the greys of surfaces.
func fewColors(img image.Image) image.Image {
	var p color.Palette
	for c := range 10 {
		full := picture.ClassColor(c)
		half := func(v uint8) uint8 { return v/2 + 128 }
		p = append(p, full, color.RGBA{half(full.R), half(full.G), half(full.B), 255})
	}
	for i := range 52 {
		v := uint8(5 * i)
		p = append(p, color.RGBA{v, v, v, 255})
		if v >= 100 {
			p = append(p, color.RGBA{uint8(float64(v) * 0.92), uint8(float64(v) * 0.96), v, 255})
		}
	}
	few := image.NewPaletted(img.Bounds(), p)
	draw.Draw(few, few.Bounds(), img, img.Bounds().Min, draw.Src)
	return few
}

// below puts pictures below each other.
func below(images []image.Image) image.Image {
	if len(images) == 1 {
		return images[0]
	}
	var size image.Point
	for _, img := range images {
		size = image.Pt(max(size.X, img.Bounds().Dx()), size.Y+img.Bounds().Dy())
	}
	var all draw.Image = image.NewRGBA(image.Rectangle{Max: size})
	if few, ok := images[0].(*image.Paletted); ok {
		all = image.NewPaletted(all.Bounds(), few.Palette)
	}
	draw.Draw(all, all.Bounds(), image.White, image.Point{}, draw.Src)
	y := 0
	for _, img := range images {
		b := img.Bounds()
		draw.Draw(all, image.Rect(0, y, b.Dx(), y+b.Dy()), img, b.Min, draw.Src)
		y += b.Dy()
	}
	return all
}
