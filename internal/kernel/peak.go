// The arithmetic peak of this machine: how many float32 operations a second its cores
// reach with fused multiply-adds alone.

package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

//go:generate go run -C _asm ./peak -out ../peak_amd64.s -stubs ../peak_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./peak -neon -out ../peak_arm64.s -stubs ../peak_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./peak -dispatch ../peak_dispatch

const (
	// chains is the number of independent accumulators: enough to hide the latency of
	// the multiply-add on cores that start two in each cycle.
	chains = 12
	// roundsPerCall keeps a call between 6 µs (two 512-bit units at 4 GHz) and 50 µs
	// (half a 256-bit unit at 2 GHz). Assembly is not preempted, so a longer call would
	// delay the garbage collector.
	roundsPerCall = 4000
	// burst is how long the threads run between two readings, and leastBursts the least
	// number of readings. On a busy machine most readings are disturbed; short ones have
	// a better chance.
	burst       = 500 * time.Microsecond
	leastBursts = 40
)

// PeakResult is a measured arithmetic peak. A multiply-add counts as two
// operations per lane.
type PeakResult struct {
	ISA     ISA     // instruction set that was timed
	Threads int     // threads in All
	One     float64 // float32 GFLOP/s of one thread alone
	All     float64 // float32 GFLOP/s of Threads threads together
}

// Peak measures the float32 multiply-add peak of the Best instruction set, with one
// thread and with several. It takes about d; 0.2 s gives readings that repeat to about
// 1 %. Each figure is the best of many short bursts, so other work on the machine
// costs little accuracy. Threads is limited to the range from 1 to the processors that
// the process may use.
func Peak(threads int, d time.Duration) PeakResult { return PeakOf(Best(), threads, d) }

// PeakOf is Peak for one of the Supported instruction sets.
func PeakOf(isa ISA, threads int, d time.Duration) PeakResult {
	threads = min(max(threads, 1), runtime.GOMAXPROCS(0), runtime.NumCPU())
	r := PeakResult{ISA: isa, Threads: threads}
	r.One = peakOf(r.ISA, 1, d/2)
	if threads == 1 {
		r.All = r.One
		return r
	}
	r.All = peakOf(r.ISA, threads, d/2)
	return r
}

// peakOf returns the best rate of the threads together, in GFLOP/s, over the bursts
// that start within d. There are at least leastBursts, or one if d is 0. The rate of a
// burst is the sum of the threads' rates, each from the common start to the thread's
// own end.
func peakOf(isa ISA, threads int, d time.Duration) float64 {
	type reading struct {
		calls int
		end   time.Time
	}
	var (
		wg       sync.WaitGroup
		chain    = fmaChains(isa)
		line     = startLine{threads: int64(threads), until: time.Now().Add(d), least: leastBursts}
		readings = make([][]reading, threads)
	)
	if d <= 0 {
		line.least = 1
	}
	for t := range threads {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			acc := make([]float32, chains*chain.lanes)
			for b := 0; line.wait(b); b++ {
				calls, now := 0, line.starts[b]
				for end := now.Add(burst); now.Before(end); now = time.Now() {
					chain.run(acc, 0.5, 1, roundsPerCall)
					calls++
				}
				readings[t] = append(readings[t], reading{calls, now})
			}
		})
	}
	wg.Wait()

	best := 0.0
	perCall := 2 * float64(chains*chain.lanes) * roundsPerCall
	for b, start := range line.starts {
		rate := 0.0
		for t := range threads {
			r := readings[t][b]
			rate += perCall * float64(r.calls) / float64(r.end.Sub(start).Nanoseconds())
		}
		best = max(best, rate)
	}
	return best
}

// startLine lets threads begin each burst together. They spin while they wait: a thread
// that sleeps may wake late, or on the core of another thread.
type startLine struct {
	threads  int64
	until    time.Time    // no burst starts later, except for the first least
	least    int          // the least number of bursts
	arrived  atomic.Int64 // arrivals of threads at the line, over all bursts
	released atomic.Int64 // bursts begun
	stopped  atomic.Bool
	starts   []time.Time // by burst; the last thread to arrive writes it
}

// wait returns true when every thread has arrived for burst b, and false if there is no
// such burst.
func (l *startLine) wait(b int) bool {
	if l.arrived.Add(1) == l.threads*int64(b+1) {
		now := time.Now()
		if b >= l.least && now.After(l.until) {
			l.stopped.Store(true)
		} else {
			l.starts = append(l.starts, now)
		}
		l.released.Add(1)
	}
	for l.released.Load() <= int64(b) {
	}
	return !l.stopped.Load()
}

// chainKernel is a version of fmaChainsGeneric and the lanes of its vectors.
type chainKernel struct {
	lanes int
	run   func(acc []float32, x, y float32, n int)
}
