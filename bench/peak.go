package main

import (
	"context"
	"runtime"
	"time"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// peakNow measures the arithmetic peak of an instruction set for about d. Other work
// on the machine can only lower a reading. So if all threads together reach less than
// they should, it measures again a few times and returns the best. It stops when the
// context is cancelled.
func peakNow(ctx context.Context, isa kernel.ISA, d time.Duration) kernel.PeakResult {
	const rounds, share = 16, 0.95
	best := kernel.PeakOf(isa, runtime.GOMAXPROCS(0), d)
	for range rounds {
		if best.All >= share*best.One*float64(best.Threads) || ctx.Err() != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
		best = better(best, kernel.PeakOf(isa, best.Threads, d/4))
	}
	return best
}

// better returns the higher of two readings of one peak.
func better(a, b kernel.PeakResult) kernel.PeakResult {
	b.One, b.All = max(a.One, b.One), max(a.All, b.All)
	return b
}
