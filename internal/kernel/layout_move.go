// Images go side by side and back by tiles that are transposed: some pixels by
// the images of a group.

package kernel

// movePixels is how many pixels are brought from or to all images and channels
// before the next: long stretches of each image, of as many pixels as are near at
// one time.
const movePixels = 512

// FromNCHW writes n images, 1 to Group, of src [n, C, H, W] into dst
// [m.Len()], which holds them batch innermost. The lanes from n on become zero;
// the halo is not written.
func (m Image) FromNCHW(isa ISA, dst, src []float32, n int) {
	v := mover{isa: isa, group: dst[:m.Len()], nchw: src[:n*m.C*m.H*m.W]}
	v.move(m, n)
}

// ToNCHW writes the first n images, 1 to Group, of src [m.Len()] into dst
// [n, C, H, W]: FromNCHW backwards.
func (m Image) ToNCHW(isa ISA, dst, src []float32, n int) {
	v := mover{isa: isa, back: true, group: src[:m.Len()], nchw: dst[:n*m.C*m.H*m.W]}
	v.move(m, n)
}

// mover moves images to a group, or back.
type mover struct {
	isa    ISA
	back   bool
	group  []float32
	nchw   []float32
	pixels [movePixels]int // where they are in the group
	side   [Group]int      // where what is in each lane is in nchw
}

// move moves n images.
func (v *mover) move(m Image, n int) {
	most, plane := convLanes(v.isa), m.H*m.W
	stride := m.C * plane
	for l := range v.side {
		v.side[l] = l * stride
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
			for l := 0; l < Group; l += most {
				v.tiles(c*Group+l, c*plane+l*stride+p, count, most, max(0, min(n-l, most)))
			}
		}
	}
}

// tiles moves count pixels, of which the first is at inside in the group and at
// outside in nchw, of n lanes, the rest of which become zero: whole tiles of most
// pixels first, then what is left.
func (v *mover) tiles(inside, outside, count, most, n int) {
	if n == 0 {
		if v.back {
			return
		}
		outside = 0
	}
	for done, cols := 0, min(most, count); done < count; cols = count - done {
		repeat := (count - done) / cols
		if v.back {
			runTranspose(v.isa, &transposeTiles{
				dst: v.nchw[outside+done:], src: v.group[inside:], dstAt: v.side[:], srcAt: v.pixels[done:],
				rows: cols, cols: n, width: cols, repeat: repeat, dstNext: cols, srcAtNext: cols,
			})
		} else {
			runTranspose(v.isa, &transposeTiles{
				dst: v.group[inside:], src: v.nchw[min(outside+done, len(v.nchw)):], dstAt: v.pixels[done:], srcAt: v.side[:],
				rows: n, cols: cols, width: most, repeat: repeat, srcNext: cols, dstAtNext: cols,
			})
		}
		done += repeat * cols
	}
}
