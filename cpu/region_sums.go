package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// channelSumOp adds up each channel over pixels and images.
type channelSumOp struct {
	isa  kernel.ISA
	x    *imageBuffer
	out  int
	sums [][]float32 // by part
}

func (o *channelSumOp) clear(part int) { clear(o.sums[part]) }

func (o *channelSumOp) run(w *regionWorker, from, to int) {
	o.x.AddPixels(o.isa, o.sums[w.part], w.at(o.x), from, to)
}

func (o *channelSumOp) finish(out []lower.Array[float32], parts int) {
	db := out[o.out].Elements()
	clear(db)
	for _, s := range o.sums[:parts] {
		o.x.AddLanes(o.isa, db, s)
	}
}

// sumOp adds up everything, rows in float64.
type sumOp struct {
	sum  func(x []float32) float32
	x    *imageBuffer
	out  int
	sums []float64 // by part
}

func (o *sumOp) clear(part int) { o.sums[part] = 0 }

func (o *sumOp) run(w *regionWorker, from, to int) {
	for y := from; y < to; y++ {
		o.sums[w.part] += float64(o.sum(w.row(o.x, y)))
	}
}

func (o *sumOp) finish(out []lower.Array[float32], parts int) {
	total := 0.0
	for _, s := range o.sums[:parts] {
		total += s
	}
	out[o.out].Elements()[0] = float32(total)
}

// reduce adds a sum over everything or, where the result has several channels,
// over each.
func (b *regionBuilder) reduce(x, out lower.Value) {
	from := b.images(x)
	n := &regionNode{rows: from.H, reads: []regionRead{same(from)}}
	if c := b.body.Shape(out)[1]; c == from.C && c > 1 {
		o := &channelSumOp{isa: b.isa, x: from, out: b.result(out), sums: b.partSums(from.ChannelSums(b.isa))}
		n.regionOp, b.sums = o, append(b.sums, o)
	} else {
		o := &sumOp{sum: b.vector.Sum, x: from, out: b.result(out), sums: make([]float64, partsOf(b.groups()))}
		n.regionOp, b.sums = o, append(b.sums, o)
	}
	b.add(n)
}
