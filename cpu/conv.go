package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// Convolutions that are in no region, as those of float64: a tile of windows at a
// time is unfolded and multiplied. The tiles depend on shapes alone, and so do the
// bits of the results.

// convTiles is what the three kinds of steps have in common.
type convTiles[T lower.Float] struct {
	tiles *lower.ConvTiles
	gemms [2]kernel.Gemm[T] // of the first tile, and of all that are as wide; of the last
	gemm  span[T]           // in a worker's memory: scratch of products
	local span[T]           // and of tiles
	work  *workspace[T]
	errs  []error // by worker
}

// newConvTiles plans the products, given that of a tile of so many windows.
func newConvTiles[T lower.Float](tiles *lower.ConvTiles, product func(width int) kernel.GemmShape, isa kernel.ISA, workers int, work *workspace[T]) (c convTiles[T], err error) {
	c = convTiles[T]{tiles: tiles, work: work, errs: make([]error, workers)}
	for i, tile := range [2]int{0, tiles.Tiles() - 1} {
		if c.gemms[i], err = kernel.PlanGemm[T](isa, product(tiles.Width(tiles.At(tile)))); err != nil {
			return c, err
		}
	}
	var memory layout[T]
	c.gemm = memory.take(max(c.gemms[0].Scratch(), c.gemms[1].Scratch()))
	c.local = memory.take(tiles.Scratch())
	work.reserve(int(memory))
	return c, nil
}

// scratch is what a worker works in.
func (c *convTiles[T]) scratch(worker int) lower.ConvScratch[T] {
	return lower.NewConvScratch(c.tiles, c.local.of(c.work.worker[worker]))
}

// multiply runs the product of a tile.
func (c *convTiles[T]) multiply(t lower.ConvTile, x kernel.GemmArgs[T], worker int) {
	g := &c.gemms[0]
	if c.tiles.Width(t) != c.tiles.Width(c.tiles.At(0)) {
		g = &c.gemms[1]
	}
	if err := g.Run(x, c.gemm.of(c.work.worker[worker])); err != nil {
		c.errs[worker] = err
	}
}

// failed returns an error of a worker.
func (c *convTiles[T]) failed() error {
	for _, err := range c.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// turnedKernels turns the kernels of a convolution round, where there is one.
type turnedKernels[T lower.Float] struct {
	of *lower.ConvTiles
	w  []T
}

func newTurnedKernels[T lower.Float](of *lower.ConvTiles, size int) turnedKernels[T] {
	if of == nil {
		return turnedKernels[T]{}
	}
	return turnedKernels[T]{of, make([]T, size)}
}

// turn returns the kernels to use in the place of w.
func (k *turnedKernels[T]) turn(w []T) []T {
	if k.of == nil {
		return w
	}
	lower.TurnKernels(k.of, k.w, w)
	return k.w
}

// newConv plans lower.Conv of images with so many channels. Where the stride is 1
// and they are many for one of the result, products of kernels and images are
// folded into the result: that takes less memory than images unfolded.
func newConv[T lower.Float](tiles *lower.ConvTiles, channels, result int, isa kernel.ISA, workers int, work *workspace[T]) (step[T], error) {
	if tiles.CanTurn() && channels > 3*tiles.Out {
		return newConvFoldStep(tiles.Turn(), tiles, result, isa, workers, work)
	}
	return newConvStep(tiles, nil, isa, workers, work)
}

// newConvData plans lower.ConvData, given the convolution whose gradient it is.
// Where the stride is 1 it is a convolution itself, with the kernels turned round.
func newConvData[T lower.Float](tiles *lower.ConvTiles, result int, isa kernel.ISA, workers int, work *workspace[T]) (step[T], error) {
	if tiles.CanTurn() {
		return newConvStep(tiles.Turn(), tiles, isa, workers, work)
	}
	return newConvFoldStep(tiles, nil, result, isa, workers, work)
}

// convStep is a convolution by tiles of unfolded images.
type convStep[T lower.Float] struct {
	convTiles[T]
	kernels turnedKernels[T]
	x, w, y []T
}

func newConvStep[T lower.Float](tiles, of *lower.ConvTiles, isa kernel.ISA, workers int, work *workspace[T]) (*convStep[T], error) {
	s := &convStep[T]{kernels: newTurnedKernels[T](of, tiles.Out*tiles.Taps())}
	var err error
	s.convTiles, err = newConvTiles(tiles, func(width int) kernel.GemmShape {
		return kernel.GemmShape{
			M: tiles.Out, N: width, K: tiles.Taps(),
			A: kernel.Strides{Row: tiles.Taps(), Col: 1}, B: kernel.Strides{Row: tiles.UnfoldedLD(), Col: 1}, LDC: tiles.GatheredLD(),
		}
	}, isa, workers, work)
	return s, err
}

func (s *convStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.x, s.w, s.y = in[0].Elements(), s.kernels.turn(in[1].Elements()), out[0].Elements()
	t.Run(s, s.tiles.Tiles())
	return s.failed()
}

// Do computes a tile.
func (s *convStep[T]) Do(part, worker int) {
	t, c := s.tiles.At(part), s.scratch(worker)
	s.multiply(t, kernel.GemmArgs[T]{A: s.w, B: c.Unfolded(s.x, t), C: c.Result(s.y, t)}, worker)
	c.Scatter(s.y, t)
}

// convFoldStep is the data gradient of a convolution at any stride: the products of
// gradients and kernels are folded into the images.
type convFoldStep[T lower.Float] struct {
	convTiles[T]
	kernels   turnedKernels[T]
	image     int // elements of one
	dy, w, dx []T
}

func newConvFoldStep[T lower.Float](tiles, of *lower.ConvTiles, image int, isa kernel.ISA, workers int, work *workspace[T]) (*convFoldStep[T], error) {
	s := &convFoldStep[T]{kernels: newTurnedKernels[T](of, tiles.Out*tiles.Taps()), image: image}
	var err error
	s.convTiles, err = newConvTiles(tiles, func(width int) kernel.GemmShape {
		return kernel.GemmShape{
			M: tiles.Taps(), N: width, K: tiles.Out,
			A: kernel.Strides{Row: 1, Col: tiles.Taps()}, B: kernel.Strides{Row: tiles.GatheredLD(), Col: 1}, LDC: tiles.FoldingLD(),
		}
	}, isa, workers, work)
	return s, err
}

func (s *convFoldStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.dy, s.w, s.dx = in[0].Elements(), s.kernels.turn(in[1].Elements()), out[0].Elements()
	t.Run(s, s.tiles.Groups())
	return s.failed()
}

// Do computes the tiles of a group of images.
func (s *convFoldStep[T]) Do(part, worker int) {
	c, bands := s.scratch(worker), s.tiles.Tiles()/s.tiles.Groups()
	for i := range bands {
		t := s.tiles.At(part*bands + i)
		if from, to := s.tiles.Images(t); i == 0 {
			clear(s.dx[from*s.image : to*s.image])
		}
		s.multiply(t, kernel.GemmArgs[T]{A: s.w, B: c.Gathered(s.dy, t), C: c.Folding()}, worker)
		c.Fold(s.dx, t)
	}
}
