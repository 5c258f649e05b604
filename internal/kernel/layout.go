// Images with the batch innermost: the layout that the convolution and pooling kernels
// work on.

package kernel

import "fmt"

// Group is the number of images that are interleaved: the lanes of the widest vectors.
// A smaller batch, or the rest of a larger one, is padded with zeros.
const Group = 16

// Halo is the pixels around an image that kernels read as padding. They are zeros.
// ClearHalo writes them once for each buffer; the kernels never write them.
type Halo struct{ Top, Bottom, Left, Right int }

// Max returns the larger of each margin, a halo that is large enough for the readers of
// both.
func (h Halo) Max(o Halo) Halo {
	return Halo{max(h.Top, o.Top), max(h.Bottom, o.Bottom), max(h.Left, o.Left), max(h.Right, o.Right)}
}

// Image is a group of images of H rows, W columns and C channels in the order
// [y][x][c][Group], with a halo. Here y and x count from the first pixel inside the
// halo. Element (y, x, c) of image n is at
//
//	Origin() + y*Row() + x*Pixel() + c*Group + n
type Image struct {
	H, W, C int
	Halo
}

// Pixel is the number of floats from one pixel to the next in a row.
func (m Image) Pixel() int { return m.C * Group }

// Row is the number of floats from one row to the next.
func (m Image) Row() int { return (m.Left + m.W + m.Right) * m.Pixel() }

// Len is the number of floats of a group of images, halo included.
func (m Image) Len() int { return (m.Top + m.H + m.Bottom) * m.Row() }

// Origin is the index of the first pixel inside the halo.
func (m Image) Origin() int { return m.Top*m.Row() + m.Left*m.Pixel() }

// check returns an error unless the image has pixels, channels and no negative margin.
func (m Image) check(what string) error {
	if m.H < 1 || m.W < 1 || m.C < 1 {
		return fmt.Errorf("%s of %dx%d pixels and %d channels: want at least 1 of each", what, m.H, m.W, m.C)
	}
	if min(m.Top, m.Bottom, m.Left, m.Right) < 0 {
		return fmt.Errorf("%s has the halo %+v: want no negative margin", what, m.Halo)
	}
	return nil
}

// AtPixel broadcasts channels [m.C] to a pixel of all images, dst [m.Pixel()].
func (m Image) AtPixel(dst, channels []float32) {
	for i := range dst[:m.Pixel()] {
		dst[i] = channels[i/Group]
	}
}

// ClearHalo writes zeros to the halo in buf [m.Len()].
func (m Image) ClearHalo(buf []float32) {
	buf = buf[:m.Len()]
	row, left, right := m.Row(), m.Left*m.Pixel(), m.Right*m.Pixel()
	clear(buf[:m.Top*row])
	clear(buf[len(buf)-m.Bottom*row:])
	for y := m.Top; y < m.Top+m.H; y++ {
		clear(buf[y*row : y*row+left])
		clear(buf[(y+1)*row-right : (y+1)*row])
	}
}
