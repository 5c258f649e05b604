package code

import (
	_ "embed"
	"fmt"
)

// tileSource is the template Tile, which multiplies.
//
//go:embed tile.cuh
var tileSource string

// tile has the parameters of a Tile: how much of a product a block computes at
// a time, and how its threads share it.
type tile struct {
	high, wide, deep int // rows and columns of the block, and the depth of a piece
	rows, columns    int // of a thread
	slices           int // of a piece's depth
}

// tiles are the tiles that a product chooses from. Square ones read least for
// what they multiply; small ones and those with slices make more blocks of a
// small product; flat ones are for few rows or few columns. The number of
// threads is a multiple of 32; it and the columns are powers of two.
var tiles = []tile{
	{128, 128, 8, 8, 8, 1},
	{64, 128, 8, 8, 4, 1},
	{64, 64, 16, 4, 4, 1},
	{32, 128, 8, 8, 4, 1},
	{32, 128, 8, 4, 4, 1},
	{32, 64, 32, 4, 4, 2},
	{32, 32, 64, 4, 4, 4},
	{16, 32, 64, 4, 4, 8},
	{16, 16, 64, 4, 4, 16},
	{16, 16, 128, 4, 4, 16},
	{16, 256, 8, 8, 4, 1},
	{16, 128, 8, 4, 4, 1},
	{16, 128, 16, 4, 4, 2},
	{8, 256, 8, 8, 2, 1},
	{8, 128, 8, 4, 2, 1},
	{8, 128, 16, 4, 2, 2},
	{4, 256, 8, 4, 2, 1},
	{4, 64, 32, 4, 2, 8},
	{1, 256, 8, 1, 2, 1},
	{1, 32, 64, 1, 4, 16},
	{128, 16, 8, 4, 4, 1},
	{128, 16, 16, 4, 4, 2},
	{256, 4, 8, 2, 4, 1},
	{64, 4, 32, 2, 4, 8},
}

func (t tile) threads() int { return t.high / t.rows * (t.wide / t.columns) * t.slices }

// grouped is the tile for a product whose columns come in groups, each within
// one block: it is as many groups wide as the tile is fours.
func (t tile) grouped(group int) (tile, bool) {
	if group == 1 {
		return t, true
	}
	ok := t.wide%4 == 0 && t.columns%4 == 0
	t.wide, t.columns = t.wide/4*group, t.columns/4*group
	return t, ok
}

// memory is how many elements of shared memory the tile needs at most.
func (t tile) memory() int {
	return max(2*t.deep*(t.high+t.wide+8), t.slices*t.high/t.passes()*t.wide) + t.threads()
}

// passes is in how many passes a block hands over its rows.
func (t tile) passes() int {
	if t.rows%4 == 0 {
		return t.rows / 4
	}
	return 1
}

// name is the tile's type in C.
func (t tile) name(deepA, deepB bool) string {
	return fmt.Sprintf("Tile<%d, %d, %d, %d, %d, %d, %v, %v>", t.high, t.wide, t.deep, t.rows, t.columns, t.slices, deepA, deepB)
}

// extent is a product's size: the batch, and the three extents.
type extent struct {
	batch, m, n, k int
	inner          int  // elements of the last axes of the depth; 1 if there is one axis
	group          int  // columns that belong together
	double         bool // elements are float64
	splits         int  // the most parts that the depth may be cut into
}

// cut is how a product is computed: with which tile, and in how many parts of
// its depth. share is the depth of a part, a multiple of the tile's deep.
type cut struct {
	tile
	splits, share int
}

// The GPU that the choice of tiles assumes. It is the same for all GPUs, so
// that sums do not depend on the GPU.
const (
	processors      = 128       // streaming multiprocessors
	multipliers     = 128       // multiply-adds of a multiprocessor in a clock cycle
	loadsPerCycle   = 24        // elements that a multiprocessor copies into shared memory in a cycle
	gathersPerCycle = 6         // the same, if the place along the depth is computed for each element
	memoryLatency   = 700       // cycles from a load to its value
	launchCycles    = 5000      // for one more kernel
	blockCycles     = 1500      // for a block to begin and to end
	cacheBytes      = 2500      // from the L2 cache in a cycle, for all multiprocessors
	mainBytes       = 1500      // from and to main memory in a cycle
	sharedBytes     = 200 << 10 // shared memory of a multiprocessor, for all its blocks
	staticBytes     = 48 << 10  // shared memory for one block
	registers       = 64 << 10  // of a multiprocessor
	longestSum      = 1 << 13   // products that a thread adds up one after another
	maxPartial      = 1 << 24   // elements of partial sums
	maxInner        = 36        // elements of the axes that pieces are made to fit
)

// choose returns the cut, with one of the given tiles, that is expected to take
// the least time.
func choose(tiles []tile, e extent) cut {
	var best cut
	least := 0.0
	for _, t := range tiles {
		t, ok := t.grouped(e.group)
		if !ok {
			continue
		}
		for _, t := range t.depths(e.inner) {
			if t.memory()*e.bytes() > staticBytes {
				continue
			}
			for splits := 1; splits <= e.splits; splits *= 2 {
				share := roundUp(ceil(e.k, splits), t.deep)
				if splits > 1 && (share < 2*t.deep || splits*e.batch*e.m*e.n > maxPartial) {
					break
				}
				c := cut{t, ceil(e.k, share), share}
				cycles := c.cycles(e)
				if best.splits == 0 || cycles < least {
					best, least = c, cycles
				}
			}
		}
	}
	return best
}

// depths are the tile itself, and the tile with pieces of about the same depth
// that hold the last axes of the depth a whole number of times: then every
// piece covers the same places along those axes.
func (t tile) depths(inner int) []tile {
	if inner < 2 || t.deep%inner == 0 {
		return []tile{t}
	}
	fits := t
	fits.deep = inner / divisor(inner, t.slices) * t.slices
	fits.deep *= max(1, (t.deep+fits.deep/2)/fits.deep)
	return []tile{t, fits}
}

func (e extent) bytes() int {
	if e.double {
		return 8
	}
	return 4
}

// cycles is the time that the product is expected to take.
func (c cut) cycles(e extent) float64 {
	blocks := e.batch * ceil(e.m, c.high) * ceil(e.n, c.wide) * c.splits
	threads, pieces := c.threads(), c.share/c.deep
	perThread := 40 + c.rows*c.columns + 4*(c.high+c.wide)*c.deep/threads
	fit := max(1, min(16, 2048/threads, registers/(threads*perThread), sharedBytes/(c.memory()*e.bytes())))
	each := ceil(blocks, processors) // blocks of a multiprocessor
	together := min(each, fit)

	// For one piece: the time to compute it, and the time until the next is
	// loaded.
	multiply := float64(c.high*c.wide*c.deep) / multipliers * float64(e.bytes()) / 4
	reads := float64(threads/32*c.deep/c.slices) * c.wavefronts(e)
	fetch := float64((c.high + c.wide) * c.deep)
	if e.inner > 0 && c.deep%e.inner == 0 {
		fetch /= loadsPerCycle
	} else {
		fetch /= gathersPerCycle
	}
	busy := max(multiply, reads) + fetch
	wait := memoryLatency + 10*float64(c.deep/c.slices)

	rounds := float64(ceil(each, fit))
	cycles := rounds * (float64(pieces)*max(wait, float64(together)*busy) + blockCycles + float64(together*c.high*c.wide*c.slices)/32)
	traffic := float64(e.batch*e.bytes()) * (float64(ceil(e.n, c.wide)*e.m*e.k) + float64(ceil(e.m, c.high)*e.k*e.n)) / cacheBytes
	cycles = max(cycles, traffic) + min(cycles, traffic)/8 // the two overlap, but not completely
	if c.splits > 1 {
		cycles += launchCycles + 2*float64(c.splits*e.batch*e.m*e.n*e.bytes())/mainBytes
	}
	if sum := c.share / c.slices; sum > longestSum {
		cycles *= float64(sum) / longestSum
	}
	return cycles
}

// wavefronts is how many cycles of shared memory a warp's reads for one
// multiplication take: 32 words a cycle, and at most four words for a thread.
func (c cut) wavefronts(e extent) float64 {
	across := c.wide / c.columns
	read := func(distinct, each int) float64 {
		return max(float64(each)/4, float64(distinct*each*e.bytes())/128, 1)
	}
	return read(max(1, 32/across), c.rows) + read(min(32, across), c.columns)
}

func roundUp(n, to int) int { return ceil(n, to) * to }
