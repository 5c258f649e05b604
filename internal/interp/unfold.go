package interp

import "github.com/stheno-ml/stheno/lower"

// unfold writes the windows in rows r0 to r1-1 of an image [C, H, W] as the columns of a
// matrix with leading dimension ld. Its row (ch*KH+i)*KW+j has tap (i, j) of channel ch
// of every window.
func unfold[T lower.Float](c *ConvTiles, img []T, r0, r1 int, dst []T, ld int) {
	size, n := c.h*c.w, (r1-r0)*c.ow
	row := 0
	for ch := range c.c {
		for i := range c.kh {
			for j := range c.kw {
				unfoldTap(c, img[ch*size:][:size], i, j, r0, r1, dst[row*ld:][:n])
				row++
			}
		}
	}
}

// fold adds the columns of such a matrix to the image, each to its window.
func fold[T lower.Float](c *ConvTiles, src []T, ld, r0, r1 int, img []T) {
	size, n := c.h*c.w, (r1-r0)*c.ow
	row := 0
	for ch := range c.c {
		for i := range c.kh {
			for j := range c.kw {
				foldTap(c, src[row*ld:][:n], i, j, r0, r1, img[ch*size:][:size])
				row++
			}
		}
	}
}

// inside returns the range of the count windows whose tap is inside extent cells. The tap
// of window q is at q*stride+first.
func inside(first, stride, extent, count int) (lo, hi int) {
	if first < 0 {
		lo = ceilDiv(-first, stride)
	}
	if first < extent {
		hi = ceilDiv(extent-first, stride)
	}
	hi = min(hi, count)
	return min(lo, hi), hi
}

// unfoldTap writes one tap of every window, zero if it is outside the image.
func unfoldTap[T lower.Float](c *ConvTiles, img []T, i, j, r0, r1 int, dst []T) {
	y0, x0 := i*c.Dilation[0]-c.Pad.Top, j*c.Dilation[1]-c.Pad.Left
	top, bottom := inside(y0, c.Stride[0], c.h, c.oh)
	top, bottom = min(max(top, r0), r1), max(min(bottom, r1), r0)
	left, right := inside(x0, c.Stride[1], c.w, c.ow)
	if top >= bottom || left >= right {
		clear(dst)
		return
	}
	clear(dst[:(top-r0)*c.ow])
	clear(dst[(bottom-r0)*c.ow:])
	dst = dst[(top-r0)*c.ow : (bottom-r0)*c.ow]
	if c.Stride == [2]int{1, 1} && c.ow == c.w { // one run of memory, shifted
		from := (top+y0)*c.w + x0
		to := max(0, -from)
		copy(dst[to:], img[from+to:])
		if left == 0 && right == c.ow {
			return
		}
		for ; len(dst) > 0; dst = dst[c.ow:] { // margins are narrow: a loop is faster than clear
			for q := range left {
				dst[q] = 0
			}
			for q := right; q < c.ow; q++ {
				dst[q] = 0
			}
		}
		return
	}
	for r := top; r < bottom; r++ {
		row, src := dst[:c.ow], img[(r*c.Stride[0]+y0)*c.w:][:c.w]
		clear(row[:left])
		clear(row[right:])
		if c.Stride[1] == 1 {
			copy(row[left:right], src[left+x0:])
		} else {
			part, from := strided(row[left:right], src[left*c.Stride[1]+x0:], c.Stride[1])
			for i, q := 0, 0; i < len(from) && q < len(part); i, q = i+c.Stride[1], q+1 {
				part[q] = from[i]
			}
		}
		dst = dst[c.ow:]
	}
}

// foldTap adds one tap of every window to the image.
func foldTap[T lower.Float](c *ConvTiles, src []T, i, j, r0, r1 int, img []T) {
	y0, x0 := i*c.Dilation[0]-c.Pad.Top, j*c.Dilation[1]-c.Pad.Left
	top, bottom := inside(y0, c.Stride[0], c.h, c.oh)
	left, right := inside(x0, c.Stride[1], c.w, c.ow)
	for r := max(top, r0); r < min(bottom, r1); r++ {
		row, dst := src[(r-r0)*c.ow:][:c.ow], img[(r*c.Stride[0]+y0)*c.w:][:c.w]
		if left >= right {
			continue
		}
		part, to := strided(row[left:right], dst[left*c.Stride[1]+x0:], c.Stride[1])
		if c.Stride[1] == 1 {
			for q, v := range part {
				to[q] += v
			}
			continue
		}
		for i, q := 0, 0; i < len(to) && q < len(part); i, q = i+c.Stride[1], q+1 {
			to[i] += part[q]
		}
	}
}

// strided returns part and the beginning of whole that has an element with this stride
// for each element of part. Loops over both then need no bounds checks. part must not be
// empty.
func strided[T lower.Float](part, whole []T, stride int) (p, w []T) {
	return part, whole[:(len(part)-1)*stride+1]
}
