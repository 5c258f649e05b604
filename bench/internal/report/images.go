// Pictures: test images above their reconstructions.

package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"math"
)

// gridPanel is the pictures of one run.
type gridPanel struct {
	Model, Backend string
	Width, Height  int // of a picture on the page, in CSS pixels
	Pairs          []pair
	Remark         string
}

// pair is a test image and its reconstruction, as data URIs of PNG files.
type pair struct{ Original, Reconstruction template.URL }

// gridPanels draws all grids. It returns an error that names the grid if its
// images do not fit its size or each other.
func gridPanels(grids []ImageGrid) ([]gridPanel, error) {
	var panels []gridPanel
	titles := titlesOf(distinct(grids, ImageGrid.subject))
	for _, g := range grids {
		if err := g.check(); err != nil {
			return nil, fmt.Errorf("images of %s on %s: %w", g.Model, g.Backend, err)
		}
		if len(g.Originals) == 0 {
			continue
		}
		zoom := max(1, (64+g.W/2)/g.W)
		p := gridPanel{Model: titles[g.subject()], Backend: g.Backend, Width: zoom * g.W, Height: zoom * g.H}
		bad := 0
		for i := range g.Originals {
			original, badHere := picture(g.Originals[i], g.H, g.W)
			reconstruction, badThere := picture(g.Reconstructions[i], g.H, g.W)
			p.Pairs = append(p.Pairs, pair{original, reconstruction})
			bad += badHere + badThere
		}
		if bad > 0 {
			p.Remark = some(bad, "pixel") + " without a finite value shown black."
		}
		panels = append(panels, p)
	}
	return panels, nil
}

func (g ImageGrid) subject() subject { return subject{g.Model, g.Batch} }

// check returns an error that says what is wrong with the sizes, or nil.
func (g ImageGrid) check() error {
	if g.H < 1 || g.W < 1 {
		return fmt.Errorf("the size is %dx%d: give height and width in pixels", g.H, g.W)
	}
	if len(g.Originals) != len(g.Reconstructions) {
		return fmt.Errorf("there are %d originals and %d reconstructions: give as many of each", len(g.Originals), len(g.Reconstructions))
	}
	for _, images := range [][][]float32{g.Originals, g.Reconstructions} {
		for i, pixels := range images {
			if len(pixels) != g.H*g.W {
				return fmt.Errorf("image %d has %d pixels, want %dx%d", i, len(pixels), g.H, g.W)
			}
		}
	}
	return nil
}

// picture encodes grey pixels [h*w], clamped to 0..1, and counts those that are
// not finite.
func picture(pixels []float32, h, w int) (uri template.URL, bad int) {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i, v := range pixels {
		if !isFinite(float64(v)) {
			bad++
			continue
		}
		img.Pix[i] = uint8(math.Round(255 * float64(min(max(v, 0), 1))))
	}
	var file bytes.Buffer
	_ = png.Encode(&file, img) // a grey image in memory cannot fail
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())), bad
}
