package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// arrays returns count arrays of n numbers.
func arrays(count, n int) [][]float32 {
	x := make([][]float32, count)
	for i := range x {
		x[i] = make([]float32, n)
	}
	return x
}

// addParts adds up the sums of all parts in order.
func addParts(dst []float32, parts [][]float32) {
	copy(dst, parts[0])
	for _, p := range parts[1:] {
		for i, v := range p {
			dst[i] += v
		}
	}
}

// channelSumOp sums each channel over pixels and images.
type channelSumOp struct {
	isa   kernel.ISA
	x     *imageBuffer
	out   int
	sums  [][]float32 // by worker
	parts [][]float32 // by part
}

func (o *channelSumOp) begin(w *regionWorker) { clear(o.sums[w.id]) }

func (o *channelSumOp) run(w *regionWorker, from, to int) {
	o.x.AddPixels(o.isa, o.sums[w.id], w.at(o.x), from, to)
}

func (o *channelSumOp) end(w *regionWorker) {
	clear(o.parts[w.part])
	o.x.AddLanes(o.isa, o.parts[w.part], o.sums[w.id])
}

func (o *channelSumOp) finish(out []lower.Array[float32]) { addParts(out[o.out].Elements(), o.parts) }

// sumOp sums everything. It adds the sums of rows in float64.
type sumOp struct {
	sum   func(x []float32) float32
	x     *imageBuffer
	out   int
	parts []float64 // by part
}

func (o *sumOp) begin(w *regionWorker) { o.parts[w.part] = 0 }

func (o *sumOp) run(w *regionWorker, from, to int) {
	for y := from; y < to; y++ {
		o.parts[w.part] += float64(o.sum(w.row(o.x, y)))
	}
}

func (o *sumOp) end(*regionWorker) {}

func (o *sumOp) finish(out []lower.Array[float32]) {
	total := 0.0
	for _, s := range o.parts {
		total += s
	}
	out[o.out].Elements()[0] = float32(total)
}

// reduce adds a sum over everything or, if the result has several channels, over each
// channel.
func (b *regionBuilder) reduce(x, out lower.Value) {
	from := b.images(x)
	n := &regionNode{rows: from.H, reads: []regionRead{sameRows(from)}}
	if c := b.body.Shape(out)[1]; c == from.C && c > 1 {
		o := &channelSumOp{isa: b.isa, x: from, out: b.result(out), sums: arrays(len(b.worker), from.ChannelSums(b.isa)), parts: arrays(b.parts, c)}
		n.regionOp, b.accumulators = o, append(b.accumulators, o)
	} else {
		o := &sumOp{sum: b.vector.Sum, x: from, out: b.result(out), parts: make([]float64, b.parts)}
		n.regionOp, b.accumulators = o, append(b.accumulators, o)
	}
	b.add(n)
}
