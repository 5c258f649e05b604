// Reading an image at places between its pixels.

package data

// A sampler reads images of one size at the places of a map. The image lies in a frame of its fill value, one pixel wide
// before it and two after, so that no place needs a check of its own.
type sampler struct {
	height, width int
	stride        int       // of the frame
	frame         []float32 // [height+3, stride]
	still         []float32 // no bend

	// For each pixel of the result: where the upper left of four pixels is in the frame, and how far the place is to the
	// right of it and below.
	at     []int32
	fx, fy []float32
}

func newSampler(height, width int) *sampler {
	area := height * width
	return &sampler{
		height: height, width: width, stride: width + 3,
		frame: make([]float32, (height+3)*(width+3)), still: make([]float32, width),
		at: make([]int32, area), fx: make([]float32, area), fy: make([]float32, area),
	}
}

// place sets the places by an affine map and a bend, which may be nil. Conversions keep products and sums from being
// fused, so that the places are the same on every platform.
func (s *sampler) place(m affine, e *elastic) {
	cx, cy := float64(s.width-1)/2, float64(s.height-1)/2
	dx, dy := s.still, s.still
	right, below := float32(s.width)+1, float32(s.height)+1 // in the frame
	xx, yx := float32(m.xx), float32(m.yx)
	for y := range s.height {
		if e != nil {
			dx, dy = e.row(y)
		}
		v := float64(y) - cy
		x0 := float32(m.x0 + cx + 1 + float64(m.xy*v) - float64(m.xx*cx))
		y0 := float32(m.y0 + cy + 1 + float64(m.yy*v) - float64(m.yx*cx))
		row := y * s.width
		at, fx, fy := s.at[row:row+s.width], s.fx[row:row+s.width], s.fy[row:row+s.width]
		dx, dy := dx[:len(at)], dy[:len(at)]
		fx, fy = fx[:len(at)], fy[:len(at)]
		for x := range at {
			px := x0 + float32(xx*float32(x)) + dx[x]
			py := y0 + float32(yx*float32(x)) + dy[x]
			if px < 0 {
				px = 0
			} else if px > right {
				px = right
			}
			if py < 0 {
				py = 0
			} else if py > below {
				py = below
			}
			ix, iy := int32(px), int32(py)
			at[x] = iy*int32(s.stride) + ix
			fx[x] = px - float32(ix)
			fy[x] = py - float32(iy)
		}
	}
}

// read replaces an image by what is at the places.
func (s *sampler) read(image []float32, fill float32, nearest bool) {
	s.fillFrame(image, fill)
	at, fx, fy := s.at[:len(image)], s.fx[:len(image)], s.fy[:len(image)]
	upper, lower := s.frame, s.frame[s.stride:]
	if nearest {
		for i := range image {
			k := int(at[i])
			if fx[i] >= 0.5 {
				k++
			}
			if fy[i] >= 0.5 {
				k += s.stride
			}
			image[i] = upper[k]
		}
		return
	}
	for i := range image {
		k := int(at[i])
		u, l := upper[k:k+2:k+2], lower[k:k+2:k+2]
		top := u[0] + float32(fx[i]*(u[1]-u[0]))
		low := l[0] + float32(fx[i]*(l[1]-l[0]))
		image[i] = top + float32(fy[i]*(low-top))
	}
}

// fillFrame copies an image into the frame.
func (s *sampler) fillFrame(image []float32, fill float32) {
	for y := range s.height + 3 {
		row := s.frame[y*s.stride : (y+1)*s.stride]
		if y == 0 || y > s.height {
			for x := range row {
				row[x] = fill
			}
			continue
		}
		row[0], row[s.width+1], row[s.width+2] = fill, fill, fill
		copy(row[1:], image[(y-1)*s.width:y*s.width])
	}
}
