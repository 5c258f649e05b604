package kernel

import (
	"context"
	"runtime"
	"time"
)

// SteadyPeak measures the arithmetic peak of one of the Supported instruction sets on all
// processors for about d. Other work on the machine can only lower a reading. So if all
// threads together reach less than they should, it measures again a few times and returns
// the best. It stops when the context is cancelled.
func SteadyPeak(ctx context.Context, isa ISA, d time.Duration) PeakResult {
	const rounds, share = 16, 0.95
	best := PeakOf(isa, runtime.GOMAXPROCS(0), d)
	for range rounds {
		if best.All >= share*best.One*float64(best.Threads) || ctx.Err() != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
		best = best.Better(PeakOf(isa, best.Threads, d/4))
	}
	return best
}

// Better returns the higher of two readings of one peak, of which the first may be empty.
func (r PeakResult) Better(other PeakResult) PeakResult {
	other.One, other.All = max(r.One, other.One), max(r.All, other.All)
	return other
}
