package main

// Convolutions as a gather and a product. Images are [pixels, batch, channels]
// here, so that a pixel of the whole batch is one row.

import (
	"fmt"

	. "github.com/gomlx/gomlx/pkg/core/graph" // as is usual in GoMLX programs
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/ml/context"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
)

// reads says, for each place of the result and each tap, which pixel of a line
// is read; -1 is padding.
type reads [][]int

// straight reads n pixels with a kernel of 3 and a stride, padded as in our
// models: an odd pixel of padding goes to the end.
func straight(n, stride int) reads {
	out := (n + stride - 1) / stride
	before := max(0, (out-1)*stride+3-n) / 2
	return lines(out, 3, func(p, tap int) int {
		if q := p*stride + tap - before; q < n {
			return max(q, -1)
		}
		return -1
	})
}

// enlarged reads n pixels, each repeated twice, with a kernel of 3.
func enlarged(n int) reads {
	return lines(2*n, 3, func(p, tap int) int {
		if q := p + tap - 1; q >= 0 && q < 2*n {
			return q / 2
		}
		return -1
	})
}

// transposed is the transpose of a convolution of stride 2 from 2n pixels to n.
func transposed(n int) reads {
	return lines(2*n, 3, func(p, tap int) int {
		if q := p - tap; q >= 0 && q%2 == 0 {
			return q / 2
		}
		return -1
	})
}

// every reads every second of n pixels, beginning at from.
func every(n, from int) reads {
	return lines(n/2, 1, func(p, _ int) int { return 2*p + from })
}

// pool is the maximum of each two by two pixels of x [n*n, N, C]. Of equal
// pixels the first gets the gradient, as in our nets; ReduceMax would give it
// to all.
func pool(x *Node, n int) *Node {
	var largest *Node
	for _, corner := range [][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
		y := Squeeze(gather(x, n, every(n, corner[0]), every(n, corner[1])), 1)
		if largest == nil {
			largest = y
		} else {
			largest = Max(largest, y)
		}
	}
	return largest
}

func lines(out, taps int, at func(p, tap int) int) reads {
	r := make(reads, out)
	for p := range r {
		for tap := range taps {
			r[p] = append(r[p], at(p, tap))
		}
	}
	return r
}

// gather reads square images x [n*n, N, C] to [places, taps, N, C].
func gather(x *Node, n int, down, across reads) *Node {
	g, margin := x.Graph(), false
	var index [][][]int32
	for _, rows := range down {
		for _, columns := range across {
			var taps [][]int32
			for _, i := range rows {
				for _, j := range columns {
					at := int32(n * n) // the row of zeros
					if i >= 0 && j >= 0 {
						at = int32(i*n + j)
					} else {
						margin = true
					}
					taps = append(taps, []int32{at})
				}
			}
			index = append(index, taps)
		}
	}
	if margin {
		s := x.Shape()
		x = Concatenate([]*Node{x, Zeros(g, shapes.Make(s.DType, 1, s.Dim(1), s.Dim(2)))}, 0)
	}
	return Gather(x, Const(g, index))
}

// convolve is the convolution of x [n*n, N, C] with kernels [9, C, F], plus the
// bias.
func convolve(ctx *context.Context, name string, x *Node, n int, r reads) *Node {
	w, b := weight(ctx, x.Graph(), name+"/w"), weight(ctx, x.Graph(), name+"/b")
	return Add(Einsum("ptnc,tcf->pnf", gather(x, n, r, r), w), ExpandLeftToRank(b, 3))
}

func convNet(n talk.Net) model {
	return func(ctx *context.Context, in []*Node) *Node {
		size, deepest := n.Size, len(n.Hidden)-1
		x := TransposeAllAxes(Reshape(in[0], n.Batch, n.Channels, size*size), 2, 0, 1)
		h := x
		for i := range n.Hidden {
			name := fmt.Sprintf("encoder/conv%d", i+1)
			switch {
			case i == deepest:
				h = relu(convolve(ctx, name, h, size, straight(size, 1)))
			case n.Strided:
				h = relu(convolve(ctx, name, h, size, straight(size, 2)))
				size /= 2
			default:
				h = relu(convolve(ctx, name, h, size, straight(size, 1)))
				h = pool(h, size)
				size /= 2
			}
		}
		if n.Encode {
			return TransposeAllAxes(h, 1, 2, 0)
		}
		h = relu(convolve(ctx, "decoder/conv1", h, size, straight(size, 1)))
		for i := 1; i <= deepest; i++ {
			if n.Strided {
				h = relu(convolve(ctx, fmt.Sprintf("decoder/up%d", i), h, size, transposed(size)))
			} else {
				h = relu(convolve(ctx, fmt.Sprintf("decoder/conv%d", i+1), h, size, enlarged(size)))
			}
			size *= 2
		}
		last := fmt.Sprintf("decoder/conv%d", deepest+2)
		if n.Strided {
			last = "decoder/conv2"
		}
		return mean(crossEntropy(convolve(ctx, last, h, size, straight(size, 1)), x))
	}
}
