package programs

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// detector learns boxes on a grid, as YOLO nets do. It has ops of its own, which are
// not written for our machines. One turns the last layer's numbers into boxes, and has
// a gradient. The other counts each anchor's boxes of high confidence, and adds the
// counts to its second operand.
type detector struct{ batch, side, anchors, classes, channels int }

func (c detector) start(dtype tensor.Dtype, machine Machine) (Running, error) {
	s := newSheet(dtype, 16)
	x := s.input("images", c.batch, 3, c.side, c.side)
	h := x
	for i := range 2 {
		h = halved(must(G.LeakyRelu(s.conv(fmt.Sprint("conv", i), h, c.channels<<i, 3), 0.1)))
	}
	each := 5 + c.classes
	h = s.conv("head", h, c.anchors*each, 1)
	counts := s.constant(0, c.anchors)
	sure := must(G.ApplyOp(newCountSure(each), must(G.ApplyOp(newBoxes(each), h)), s.given("counts", counts)))
	target, weigh := s.input("target", sure.Shape()...), s.input("weigh", sure.Shape()...)
	cost := must(G.Mean(must(G.HadamardProd(weigh, must(G.Square(must(G.Sub(sure, target))))))))
	s.read("boxes", sure)
	s.read("cost", cost)
	loop, err := s.train(cost, G.NewMomentum(G.WithLearnRate(0.05)), machine, func(int) error {
		for _, in := range []*G.Node{x, target, weigh} {
			if err := G.Let(in, s.uniform(in.Shape()...)); err != nil {
				return err
			}
		}
		return nil
	})
	return &detectorRunning{loop, counts}, err
}

type detectorRunning struct {
	*loop
	counts *tensor.Dense
}

func (r *detectorRunning) Step(i int, see See) error {
	err := r.loop.Step(i, see)
	see("counts", r.counts)
	return err
}
