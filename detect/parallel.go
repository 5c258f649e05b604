package detect

import (
	"runtime"
	"sync"
)

// inParallel calls f for parts of the numbers from 0 to n-1, on all processors.
func inParallel(n int, f func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+255)/256)
	var wait sync.WaitGroup
	for k := range workers {
		wait.Go(func() { f(k*n/workers, (k+1)*n/workers) })
	}
	wait.Wait()
}
