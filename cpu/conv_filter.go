package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// convFilterStep runs lower.ConvFilter: the products of unfolded images and
// gradients, added up over some tiles by themselves, then over all.
//
// Where the stride is 1 and there are fewer gradients than images, the gradients
// are unfolded instead, for the convolution of them that has the images as its
// windows: the same products, with less to unfold.
type convFilterStep[T lower.Float] struct {
	convTiles[T]
	turned bool
	kernel int // weights of one channel
	grain  int // tiles of a part
	parts  int
	sums   []T // by part: [taps, O]
	x, dy  []T // what is unfolded, and what it is multiplied with
	dw     []T
}

const (
	// convSums is the most parts of a filter gradient, and convSumsSize the most
	// elements of all their sums, but for two of them.
	convSums     = 16
	convSumsSize = 1 << 20
)

func newConvFilterStep[T lower.Float](tiles *lower.ConvTiles, channels int, isa kernel.ISA, workers int, work *workspace[T]) (*convFilterStep[T], error) {
	turned := tiles.CanTurn() && tiles.Out < channels
	weights := tiles.Taps() / channels
	if turned {
		tiles = tiles.Turn()
	}
	s := &convFilterStep[T]{turned: turned, kernel: weights}
	size := tiles.Taps() * tiles.Out
	s.grain = (tiles.Tiles() + convSums - 1) / min(max(2, convSumsSize/size), convSums)
	s.parts = (tiles.Tiles() + s.grain - 1) / s.grain
	s.sums = make([]T, s.parts*size)
	var err error
	s.convTiles, err = newConvTiles(tiles, func(width int) kernel.GemmShape {
		return kernel.GemmShape{
			M: tiles.Taps(), N: tiles.Out, K: width,
			A: kernel.Strides{Row: tiles.UnfoldedLD(), Col: 1}, B: kernel.Strides{Row: 1, Col: tiles.GatheredLD()}, LDC: tiles.Out,
		}
	}, isa, workers, work)
	return s, err
}

func (s *convFilterStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.x, s.dy, s.dw = in[0].Elements(), in[1].Elements(), out[0].Elements()
	if s.turned {
		s.x, s.dy = s.dy, s.x
	}
	t.Run(s, s.parts)
	if err := s.failed(); err != nil {
		return err
	}
	t.Run((*convFilterSum[T])(s), s.tiles.Out)
	return nil
}

// Do adds up some tiles.
func (s *convFilterStep[T]) Do(part, worker int) {
	size, c := len(s.sums)/s.parts, s.scratch(worker)
	sum := s.sums[part*size : (part+1)*size]
	first := part * s.grain
	for i := first; i < min(first+s.grain, s.tiles.Tiles()); i++ {
		t := s.tiles.At(i)
		x := kernel.GemmArgs[T]{A: c.Unfolded(s.x, t), B: c.Gathered(s.dy, t), C: sum, Accumulate: i > first}
		s.multiply(t, x, worker)
	}
}

// convFilterSum adds up the parts, in their order.
type convFilterSum[T lower.Float] convFilterStep[T]

// Do computes the weights of one channel of what was not unfolded.
func (s *convFilterSum[T]) Do(o, _ int) {
	taps, outs := s.tiles.Taps(), s.tiles.Out
	for tap := range taps {
		v := T(0)
		for p := range s.parts {
			v += s.sums[(p*taps+tap)*outs+o]
		}
		at := o*taps + tap
		if s.turned { // from [its channel, turned weight, o] to [o, its channel, weight]
			at = (tap/s.kernel*outs+o)*s.kernel + s.kernel - 1 - tap%s.kernel
		}
		s.dw[at] = v
	}
}
