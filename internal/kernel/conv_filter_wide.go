// The filter gradient of layers with many channels. There a block reads a small
// part of every pixel, each in another page and many in one set of a cache: the
// images are first sorted by block, the gradients one block at a time.

package kernel

// runWide adds the products of a group of images to sums, whose lanes are added
// up for each block.
func (f *convFilter) runWide(isa ISA, t *convFilterTile, sums, x, dy, scratch []float32) {
	in, out := f.g.In, f.g.Out
	width := in.Left + in.W + in.Right
	cut := func(k int) []float32 {
		part := scratch[:k]
		scratch = scratch[k:]
		return part
	}
	lanes := cut(f.blockSums() * f.lanes)
	grads, images := cut(out.H*out.W*f.outs[0].size*Group), cut(in.Len())
	pixels := in.Len() / in.Pixel()
	for _, c := range f.ins {
		for c0 := c.first; c0 < c.first+c.n*c.size; c0 += c.size {
			gather(images[c0*pixels*Group:], x[c0*Group:], c.size*Group, pixels, in.Pixel())
		}
	}
	from := (in.Top-f.g.Pad[0])*width + in.Left - f.g.Pad[1]
	sorted := -1
	t.fresh = 1
	f.blocks(func(o, outs, c, ins, at int) {
		if o != sorted {
			for y := range out.H {
				gather(grads[y*out.W*outs*Group:], dy[out.Origin()+y*out.Row()+o*Group:], outs*Group, out.W, out.Pixel())
			}
			sorted = o
			t.dyRow, t.dyCol = out.W*outs*Group, outs*Group
		}
		t.xRow, t.xCol, t.xTap = f.g.Stride[0]*width*ins*Group, f.g.Stride[1]*ins*Group, f.g.Dilation[1]*ins*Group
		f.block(isa, t, lanes, images[(c*pixels+from*ins)*Group:], grads, outs, ins)
		n := f.g.Kernel[0] * f.g.Kernel[1] * outs * ins
		whole := wholeVectors(n) // those beyond n add zeros to what follows
		clear(lanes[n*f.lanes : whole*f.lanes])
		laneSums(isa, sums[at:at+whole], lanes[:whole*f.lanes])
	})
}

// gather writes pixels of size floats side by side that lie step apart in src.
func gather(dst, src []float32, size, pixels, step int) {
	for i := range pixels {
		copy(dst[i*size:(i+1)*size], src[i*step:])
	}
}
