// Pixels as a net reads them: scaled, in planes, from 0 to 1.

package data

import (
	"image"

	xdraw "golang.org/x/image/draw"
)

// An imageForm is the form that pictures are brought into.
type imageForm struct {
	channels, height, width int
	crop                    bool // what has other proportions is cropped, not stretched
}

// write writes a picture to x [channels, height, width].
func (f imageForm) write(picture image.Image, x []float32) {
	from := picture.Bounds()
	if f.crop {
		from = f.centre(from)
	}
	out := image.NewRGBA(image.Rect(0, 0, f.width, f.height))
	if from.Dx() == f.width && from.Dy() == f.height {
		xdraw.Draw(out, out.Rect, picture, from.Min, xdraw.Src)
	} else {
		xdraw.CatmullRom.Scale(out, out.Rect, picture, from, xdraw.Src, nil)
	}
	plane := f.height * f.width
	for i := range plane {
		r, g, b := out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2]
		if f.channels == 1 {
			// The weights are those of color.GrayModel. Their sum is 2^16, so grey stays as it is.
			luma := (19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16
			x[i] = float32(luma) / 255
			continue
		}
		x[i], x[plane+i], x[2*plane+i] = float32(r)/255, float32(g)/255, float32(b)/255
	}
}

// centre is the largest part about the centre that has the form's proportions, of at least one pixel.
func (f imageForm) centre(r image.Rectangle) image.Rectangle {
	w, h := r.Dx(), r.Dy()
	if int64(w)*int64(f.height) > int64(h)*int64(f.width) {
		w = max(1, int((int64(h)*int64(f.width)+int64(f.height)/2)/int64(f.height)))
	} else {
		h = max(1, int((int64(w)*int64(f.height)+int64(f.width)/2)/int64(f.width)))
	}
	x, y := r.Min.X+(r.Dx()-w)/2, r.Min.Y+(r.Dy()-h)/2
	return image.Rect(x, y, x+w, y+h)
}
