// Interleaving images and the reverse, by transposing tiles of some pixels by the
// images of a group.

package kernel

// movePixels is the number of pixels that are copied for all images and channels before
// the next: long runs of each image, but so few that they stay in the cache.
const movePixels = 512

// FromNCHW interleaves n images, 1 to Group, of src into dst [m.Len()]. An image
// [C, H, W] is contiguous, and the next begins stride floats after it, so the images
// may be some channels of larger ones. Lanes from n on become zero. The halo is not
// written.
func (m Image) FromNCHW(isa ISA, dst, src []float32, n, stride int) {
	v := mover{isa: isa, group: dst[:m.Len()], nchw: src[:(n-1)*stride+m.C*m.H*m.W]}
	v.move(m, n, stride)
}

// ToNCHW writes the first n images, 1 to Group, of src [m.Len()] into dst. It is the
// reverse of FromNCHW.
func (m Image) ToNCHW(isa ISA, dst, src []float32, n, stride int) {
	v := mover{isa: isa, reverse: true, group: src[:m.Len()], nchw: dst[:(n-1)*stride+m.C*m.H*m.W]}
	v.move(m, n, stride)
}

// mover copies images to a group or, in reverse, from it.
type mover struct {
	isa     ISA
	reverse bool
	group   []float32
	nchw    []float32
	pixels  [movePixels]int // by pixel: its offset in group
	images  [Group]int      // by lane: the offset of its image in nchw
}

// move copies n images.
func (v *mover) move(m Image, n, stride int) {
	side, plane := convLanes(v.isa), m.H*m.W
	for l := range v.images {
		v.images[l] = l * stride
	}
	origin, row, pixel := m.Origin(), m.Row(), m.Pixel()
	for p := 0; p < plane; p += movePixels {
		count := min(movePixels, plane-p)
		y, x := p/m.W, p%m.W
		at := origin + y*row + x*pixel
		for i := range v.pixels[:count] {
			v.pixels[i] = at
			at += pixel
			if x++; x == m.W {
				x, at = 0, at+row-m.W*pixel
			}
		}
		for c := range m.C {
			for l := 0; l < Group; l += side {
				v.tiles(c*Group+l, c*plane+l*stride+p, count, side, max(0, min(n-l, side)))
			}
		}
	}
}

// tiles copies count pixels of n lanes; the other lanes become zero. The first pixel is
// at inGroup in the group and at inNCHW in nchw. Whole tiles of side pixels come first,
// then a smaller one.
func (v *mover) tiles(inGroup, inNCHW, count, side, n int) {
	if n == 0 {
		if v.reverse {
			return
		}
		inNCHW = 0
	}
	for done, cols := 0, min(side, count); done < count; cols = count - done {
		repeat := (count - done) / cols
		if v.reverse {
			runTranspose(v.isa, &transposeTiles{
				dst: v.nchw[inNCHW+done:], src: v.group[inGroup:], dstAt: v.images[:], srcAt: v.pixels[done:],
				rows: cols, cols: n, width: cols, repeat: repeat, dstNext: cols, srcAtNext: cols,
			})
		} else {
			runTranspose(v.isa, &transposeTiles{
				dst: v.group[inGroup:], src: v.nchw[min(inNCHW+done, len(v.nchw)):], dstAt: v.pixels[done:], srcAt: v.images[:],
				rows: n, cols: cols, width: side, repeat: repeat, srcNext: cols, dstAtNext: cols,
			})
		}
		done += repeat * cols
	}
}
