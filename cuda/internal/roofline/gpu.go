//go:build gpu

package main

import (
	"math"

	"github.com/stheno-ml/stheno/cuda/internal/code"
)

// gpu is what a prediction needs to know of a GPU, from NVIDIA's data sheets and from the CUDA
// C++ Programming Guide, "Technical Specifications per Compute Capability".
type gpu struct {
	arch            int
	multiprocessors int
	clock           float64 // GHz, the highest
	lanes           int     // float32 multiply-adds that a multiprocessor starts per clock
	memory          float64 // GB/s
	cache           float64 // GB/s of the second-level cache, as measured by others
	cached          float64 // bytes that fit there
	shared          int     // bytes of shared memory of a multiprocessor
}

var gpus = map[string]gpu{
	"A100": {80, 108, 1.41, 64, 1555, 4500, 40e6, 164 << 10},
	"H100": {90, 132, 1.98, 128, 3350, 5500, 50e6, 228 << 10},
	"H200": {90, 132, 1.98, 128, 4800, 5500, 50e6, 228 << 10},
}

const (
	// start is the microseconds from the end of a kernel in a CUDA graph to the first work of
	// the one that waits for it.
	start = 1.5
	// busy is the threads of a multiprocessor that keep its multiply-add units busy, with the
	// independent sums that the kernels have.
	busy = 256
	// issued is the threads' instructions that a multiprocessor starts per clock.
	issued = 128
)

// call is a call of a step with its prediction.
type call struct {
	code.Call
	kernel
	what      string
	flops     float64
	bytes     float64
	atOnce    int     // blocks on a multiprocessor
	waves     float64 // blocks by those that run at once
	bound     float64 // microseconds at the GPU's peak or bandwidth, the longer
	computes  bool    // the bound is that of the arithmetic
	predicted float64 // microseconds
}

// peak is the operations in a microsecond.
func (g gpu) peak() float64 { return 2 * float64(g.multiprocessors*g.lanes) * g.clock * 1e3 }

// blocks is how many blocks of a kernel a multiprocessor runs at once.
func (g gpu) blocks(threads int, k kernel) int {
	registers := (k.registers + 7) / 8 * 8 * ((threads + 31) / 32 * 32)
	n := min(32, 2048/max(1, threads), 65536/max(1, registers))
	return max(1, min(n, g.shared/(k.shared+1024)))
}

// time predicts how long the call takes: its work at the peak or bandwidth, less what blocks
// that are too few, the last wave, and the instructions between multiply-adds cost, and a start.
// A product of the library is taken to reach four fifths of its bound.
func (c *call) time(g gpu) {
	rate := g.memory
	if c.bytes < g.cached/2 {
		rate = g.cache
	}
	compute, move := c.flops/g.peak(), c.bytes/(rate*1e3)
	c.bound, c.computes = max(compute, move), compute > move
	if c.Product != nil {
		c.predicted = c.bound/.8 + start
		return
	}
	c.atOnce = g.blocks(c.Block, c.kernel)
	c.waves = float64(c.Grid) / float64(g.multiprocessors*c.atOnce)
	if c.mix > 0 {
		compute /= c.used * min(1, c.mix*issued/float64(g.lanes))
	}
	// A multiprocessor with few threads does not keep its units busy, one without a block does
	// nothing, and in the last round some have none.
	rounds := math.Ceil(float64(c.Grid) / float64(g.multiprocessors))
	per := float64(c.Grid) / float64(g.multiprocessors) / rounds
	full := min(1, rounds*float64(c.Block)/busy, float64(c.atOnce*c.Block)/busy)
	c.predicted = max(compute, move)/(per*full) + start
}
