package interp

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls work for consecutive ranges that cover [0, n), each of at most grain, on
// as many goroutines as there are processors. The ranges depend only on n and grain, so
// sums within a range do not depend on the number of threads.
func parallel(n, grain int, work func(lo, hi int)) {
	chunks := (n + grain - 1) / grain
	workers := min(runtime.GOMAXPROCS(0), chunks)
	if workers <= 1 {
		for lo := 0; lo < n; lo += grain {
			work(lo, min(lo+grain, n))
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				lo := (int(next.Add(1)) - 1) * grain
				if lo >= n {
					return
				}
				work(lo, min(lo+grain, n))
			}
		})
	}
	wg.Wait()
}
