// The filter gradient of layers with many channels. Here a block reads a small part
// of every pixel. These parts lie in different pages, and many of them in the same
// set of the cache. So the images are gathered by block first, and the gradients one
// block at a time.

package kernel

// runWide adds the products of a group of images to sums, with the lanes of each block
// added up.
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
	for first := 0; first < in.C; first += f.g.ins() {
		for _, c := range f.ins {
			for c0 := first + c.first; c0 < first+c.first+c.n*c.size; c0 += c.size {
				gather(images[c0*pixels*Group:], x[c0*Group:], c.size*Group, pixels, in.Pixel())
			}
		}
	}
	from := (in.Top-f.g.Pad[0])*width + in.Left - f.g.Pad[1]
	gathered := -1 // the output whose gradients are in grads
	t.fresh = 1
	f.blocks(func(o, outs, c, ins, at int) {
		if o != gathered {
			for y := range out.H {
				gather(grads[y*out.W*outs*Group:], dy[out.Origin()+y*out.Row()+o*Group:], outs*Group, out.W, out.Pixel())
			}
			gathered = o
			t.dyRow, t.dyCol = out.W*outs*Group, outs*Group
		}
		t.xRow, t.xCol, t.xTap = f.g.Stride[0]*width*ins*Group, f.g.Stride[1]*ins*Group, f.g.Dilation[1]*ins*Group
		f.block(isa, t, lanes, images[(c*pixels+from*ins)*Group:], grads, outs, ins)
		n := f.g.Kernel[0] * f.g.Kernel[1] * outs * ins
		whole := wholeVectors(n) // the sums beyond n are zeros, added to the next block's
		clear(lanes[n*f.lanes : whole*f.lanes])
		f.addLanes(isa, sums[at:at+whole], lanes[:whole*f.lanes])
	})
}

// gather copies pixels of size floats, with a stride of step in src, to dst without
// gaps.
func gather(dst, src []float32, size, pixels, step int) {
	for i := range pixels {
		copy(dst[i*size:(i+1)*size], src[i*step:])
	}
}
