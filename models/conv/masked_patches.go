package conv

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Kept lists the patches that the encoder sees in evaluation, counted along rows from
// 0, in ascending order. It is the same random choice for all images. It is nil if a
// setting is invalid.
func (c Masked) Kept() []int {
	if c.Validate() != nil {
		return nil
	}
	c = c.withDefaults()
	kept := rand.New(rand.NewPCG(1, 1)).Perm(c.patches())[:c.kept()]
	slices.Sort(kept)
	return kept
}

// choose returns the numbers of the patches to keep, [N, K]: in training those with
// the greatest of uniform draws, one for each patch of a sample.
func (c Masked) choose(b *graph.Builder, n int) *graph.Node {
	if b.Training {
		_, kept := b.TopK(b.Scope("encoder").Uniform("patches", n, c.patches()), c.kept(), 1)
		return kept
	}
	var kept []float64
	for _, k := range c.Kept() {
		kept = append(kept, float64(k))
	}
	return b.BroadcastTo(b.Constant(kept, 1, len(kept)), n, len(kept))
}

// checkKept reports whether numbers of patches are [n, K]. If not, the builder gets an
// error.
func (c Masked) checkKept(b *graph.Builder, kept *graph.Node, n int) bool {
	if b.Err() == nil && (kept == nil || kept.Dims() != 2 || kept.Shape()[0] != n) {
		b.Failf("conv: want the numbers of the patches to keep, [%d, K]", n)
	}
	return b.Err() == nil
}

// shown is [N, T, 1]: 1 for the patches with the numbers kept [N, K], else 0.
func (c Masked) shown(b *graph.Builder, kept *graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	n, k := kept.Shape()[0], kept.Shape()[1]
	ones := b.BroadcastTo(b.Constant([]float64{1}, 1, 1), n, k)
	return b.Reshape(b.PutAlong(ones, kept, 1, c.patches()), n, c.patches(), 1)
}

// hidden is 1 for the values of x [N, Channels, rows, columns] in hidden patches, else
// 0.
func (c Masked) hidden(b *graph.Builder, x, kept *graph.Node) *graph.Node {
	shown := c.shown(b, kept)
	if b.Err() != nil {
		return nil
	}
	grid := c.grid()
	m := b.Upsample2D(b.Reshape(shown, x.Shape()[0], 1, grid[0], grid[1]), c.Patch)
	for a := range grid { // the padding is split as by Same
		before := (grid[a]*c.Patch[a] - c.Size[a]) / 2
		if grid[a]*c.Patch[a] != c.Size[a] {
			m = b.Slice(m, 2+a, before, before+c.Size[a])
		}
	}
	return b.BroadcastTo(b.Sub(b.Number(1), m), x.Shape()...)
}

// positions is [T, width]: sines and cosines of the row of each patch in the first half
// of the features and of its column in the second, with the wavelengths of
// graph.SinePositions.
func (c Masked) positions(b *graph.Builder, width int) *graph.Node {
	grid, half := c.grid(), (width+1)/2
	table := make([]float64, 0, c.patches()*width)
	for t := range c.patches() {
		for d := range width {
			at, d, n := t/grid[1], d, half
			if d >= half {
				at, d, n = t%grid[1], d-half, width-half
			}
			angle := float64(at) / math.Pow(10000, float64(d/2*2)/float64(n))
			if d%2 == 0 {
				table = append(table, math.Sin(angle))
			} else {
				table = append(table, math.Cos(angle))
			}
		}
	}
	return b.Constant(table, c.patches(), width)
}
