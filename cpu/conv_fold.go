package cpu

import (
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// convFoldStep computes the data gradient of a convolution at any stride. It
// multiplies kernels and gradients for one tile of windows at a time, and folds the
// products into the images (col2im).
type convFoldStep[T lower.Float] struct {
	tiles     *interp.ConvTiles
	gemms     [2]kernel.Gemm[T] // for tiles as wide as the first, and for the last tile
	gemm      span[T]           // in a worker's memory: scratch of the products
	local     span[T]           // in a worker's memory: scratch of the tiles
	work      *workspace[T]
	errs      []error // by worker
	kernels   flippedKernels[T]
	image     int // elements of one image
	dy, w, dx []T
}

func newConvFoldStep[T lower.Float](tiles, of *interp.ConvTiles, image int, isa kernel.ISA, workers int, work *workspace[T]) (*convFoldStep[T], error) {
	s := &convFoldStep[T]{
		tiles: tiles, work: work, errs: make([]error, workers),
		kernels: newFlippedKernels[T](of, tiles.Out*tiles.Taps()), image: image,
	}
	for i, tile := range [2]int{0, tiles.Tiles() - 1} {
		var err error
		if s.gemms[i], err = kernel.PlanGemm[T](isa, kernel.GemmShape{
			M: tiles.Taps(), N: tiles.Width(tiles.At(tile)), K: tiles.Out,
			A: kernel.Strides{Row: 1, Col: tiles.Taps()}, B: kernel.Strides{Row: tiles.GatheredLD(), Col: 1}, LDC: tiles.FoldingLD(),
		}); err != nil {
			return nil, err
		}
	}
	var memory scratchLayout[T]
	s.gemm = memory.take(max(s.gemms[0].Scratch(), s.gemms[1].Scratch()))
	s.local = memory.take(tiles.Scratch())
	work.reserve(int(memory))
	return s, nil
}

func (s *convFoldStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.dy, s.w, s.dx = in[0].Elements(), s.kernels.flip(in[1].Elements()), out[0].Elements()
	t.Run(s, s.tiles.Groups())
	return firstError(s.errs)
}

// Do computes the tiles of a group of images.
func (s *convFoldStep[T]) Do(part, worker int) {
	memory := s.work.worker[worker]
	c, bands := interp.NewConvScratch(s.tiles, s.local.of(memory)), s.tiles.Tiles()/s.tiles.Groups()
	for i := range bands {
		t := s.tiles.At(part*bands + i)
		if from, to := s.tiles.Images(t); i == 0 {
			clear(s.dx[from*s.image : to*s.image])
		}
		g := &s.gemms[0]
		if s.tiles.Width(t) != s.tiles.Width(s.tiles.At(0)) {
			g = &s.gemms[1]
		}
		x := kernel.GemmArgs[T]{A: s.w, B: c.Gathered(s.dy, t), C: c.Folding()}
		if err := g.Run(x, s.gemm.of(memory)); err != nil {
			s.errs[worker] = err
		}
		c.Fold(s.dx, t)
	}
}

// flippedKernels flips the kernels of a convolution, unless of is nil.
type flippedKernels[T lower.Float] struct {
	of *interp.ConvTiles
	w  []T
}

func newFlippedKernels[T lower.Float](of *interp.ConvTiles, size int) flippedKernels[T] {
	if of == nil {
		return flippedKernels[T]{}
	}
	return flippedKernels[T]{of, make([]T, size)}
}

// flip returns w flipped, or w itself if of is nil.
func (k *flippedKernels[T]) flip(w []T) []T {
	if k.of == nil {
		return w
	}
	interp.FlipKernels(k.of, k.w, w)
	return k.w
}
