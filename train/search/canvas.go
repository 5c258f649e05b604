package search

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Sizes of a panel in pixels. The margins hold title and labels.
const (
	panelWidth, panelHeight = 400, 280
	left, right             = 70, 20
	top, bottom             = 30, 40
	charWidth               = 7
)

// ink is a colour of lines and dots.
type ink int

const (
	black ink = iota
	grey
	blue
	red
)

// RGBA makes an ink a color.Color.
func (i ink) RGBA() (r, g, b, a uint32) {
	return [...]color.RGBA{{0x22, 0x22, 0x22, 0xff}, {0xdd, 0xdd, 0xdd, 0xff}, {0x1f, 0x77, 0xb4, 0xff}, {0xd6, 0x27, 0x28, 0xff}}[i].RGBA()
}

// panel is a chart.
type panel struct {
	title  string
	x, y   axis
	points []dot
	line   [][2]float64 // steps from value to value
}

type dot struct {
	x, y   float64
	marked bool
}

// axis maps values to places from 0 to 1. With names, the values are 0, 1, 2...
type axis struct {
	low, high float64
	log       bool
	names     []string
}

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		low, high, v = math.Log(low), math.Log(high), math.Log(v)
	}
	if high == low {
		return 0.5
	}
	return min(max((v-low)/(high-low), 0), 1)
}

// ticks are the values to label: round ones, about four, or the names.
func (a axis) ticks() (values []float64, labels []string) {
	if a.names != nil {
		for i := range a.names {
			values = append(values, float64(i))
		}
		return values, a.names
	}
	add := func(v float64) {
		if v >= a.low*(1-1e-9) && v <= a.high*(1+1e-9) || a.low <= 0 && v >= a.low && v <= a.high {
			values, labels = append(values, v), append(labels, strconv.FormatFloat(v, 'g', 5, 64))
		}
	}
	if a.log {
		multiples := []float64{1}
		if a.high/a.low < 200 {
			multiples = []float64{1, 2, 5}
		}
		for e := math.Floor(math.Log10(a.low)); e <= math.Log10(a.high); e++ {
			for _, m := range multiples {
				add(m * math.Pow(10, e))
			}
		}
		return values, labels
	}
	raw := (a.high - a.low) / 4
	if raw <= 0 {
		add(a.low)
		return values, labels
	}
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*step >= raw {
			step *= m
			break
		}
	}
	for i := math.Ceil(a.low / step); i*step <= a.high; i++ {
		add(math.Round(i*step*1e12) / 1e12)
	}
	return values, labels
}

// canvas is a picture of panels.
type canvas struct{ img *image.RGBA }

func newCanvas(width, height int) *canvas {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	return &canvas{img}
}

// draw draws a panel whose upper left corner is at x, y.
func (c *canvas) draw(p panel, x, y int) {
	width, height := panelWidth-left-right, panelHeight-top-bottom
	atX := func(v float64) int { return x + left + int(math.Round(p.x.at(v)*float64(width))) }
	atY := func(v float64) int { return y + top + height - int(math.Round(p.y.at(v)*float64(height))) }
	c.text(p.title, x+left, y+top-10, black)
	values, labels := p.y.ticks()
	for i, v := range values {
		c.fill(x+left, atY(v), x+left+width+1, atY(v)+1, grey)
		c.text(labels[i], x+left-6-charWidth*len(labels[i]), atY(v)+4, black)
	}
	values, labels = p.x.ticks()
	room := width / max(1, len(values))
	for i, v := range values {
		label := shortened(labels[i], room/charWidth)
		c.fill(atX(v), y+top, atX(v)+1, y+top+height, grey)
		c.text(label, atX(v)-charWidth*len(label)/2, y+top+height+16, black)
	}
	c.fill(x+left, y+top+height, x+left+width+1, y+top+height+1, black)
	c.fill(x+left, y+top, x+left+1, y+top+height, black)
	for i := 1; i < len(p.line); i++ {
		a, b := p.line[i-1], p.line[i]
		c.fill(atX(a[0]), atY(a[1])-1, atX(b[0])+1, atY(a[1])+1, red)
		c.fill(atX(b[0])-1, min(atY(a[1]), atY(b[1])), atX(b[0])+1, max(atY(a[1]), atY(b[1]))+1, red)
	}
	for _, marked := range []bool{false, true} {
		for _, d := range p.points {
			if d.marked == marked {
				c.disc(atX(d.x), atY(d.y), marked)
			}
		}
	}
}

func (c *canvas) fill(x0, y0, x1, y1 int, to ink) {
	draw.Draw(c.img, image.Rect(x0, y0, x1, y1), image.NewUniform(to), image.Point{}, draw.Src)
}

// disc draws a dot, a larger one if it is marked.
func (c *canvas) disc(x, y int, marked bool) {
	radius, to := 3, blue
	if marked {
		radius, to = 5, red
	}
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if dx*dx+dy*dy <= radius*radius+1 {
				c.img.Set(x+dx, y+dy, to)
			}
		}
	}
}

func (c *canvas) text(s string, x, y int, to ink) {
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(to), Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	d.DrawString(s)
}
