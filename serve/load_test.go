package serve

import (
	"flag"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/models/vae"
)

var loadFor = flag.Duration("load", 0, "how long TestLoad sends requests, for each number of clients")

// Clients on this machine, in this process, send an image of MNIST's size at a time to a
// VAE, each the next once it has the answer.
func TestLoad(t *testing.T) {
	if *loadFor == 0 {
		t.Skip("give -load 10s to measure throughput and latency")
	}
	s := server(t, untrained(t, vae.Config{}), Options{})
	url, _ := listening(t, s)
	c := client(t)
	x := values(784, 1)
	bodies := map[string]string{typeJSON: jsonOf(x, 784), typeNPY: npyOf(t, x, 784)}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, kind := range []string{typeNPY, typeJSON} {
		for _, clients := range []int{1, 8, 64} {
			var mu sync.Mutex
			var took []time.Duration
			var all sync.WaitGroup
			start, before := time.Now(), heap()
			for range clients {
				all.Go(func() {
					var own []time.Duration
					for time.Since(start) < *loadFor {
						at := time.Now()
						code, answer, err := exchange(c, url+"/v1/encode", kind, bodies[kind])
						if err != nil || code != http.StatusOK {
							t.Error(code, answer, err)
							return
						}
						own = append(own, time.Since(at))
					}
					mu.Lock()
					took = append(took, own...)
					mu.Unlock()
				})
			}
			all.Wait()
			seconds := time.Since(start).Seconds()
			require.NotEmpty(t, took)
			slices.Sort(took)
			at := func(q float64) time.Duration {
				return took[min(len(took)-1, int(q*float64(len(took))))].Round(10 * time.Microsecond)
			}
			t.Logf("%s, %d clients: %.0f requests/s, p50 %v, p99 %v, no error, heap %.1f to %.1f MiB", kind, clients,
				float64(len(took))/seconds, at(.5), at(.99), float64(before)/(1<<20), float64(heap())/(1<<20))
		}
	}
}
