package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stheno-ml/stheno/internal/kernel"
)

// bandwidth is the speed of memory by the amount that is read repeatedly: small
// amounts stay in a near cache.
type bandwidth []level

// level is one reading.
type level struct {
	bytes int64   // read by all threads together
	rate  float64 // bytes read and written per second, by all threads together
}

// measureBandwidth takes the readings in about d. Each is the best of several bursts
// of copying or summing, whichever is faster.
func measureBandwidth(threads int, isa kernel.ISA, d time.Duration) bandwidth {
	sizes := []int{32 << 10, 256 << 10, 2 << 20, 8 << 20, 64 << 20} // per thread
	memory := make([][]float32, threads)
	for i := range memory {
		memory[i] = make([]float32, sizes[len(sizes)-1]/4)
		for k := range memory[i] {
			memory[i][k] = 1 // so that the memory is mapped
		}
	}
	sum := kernel.VectorFor(isa).Sum
	var out bandwidth
	for _, size := range sizes {
		half, whole := size/8, size/4
		l := level{bytes: int64(threads) * int64(size)}
		for _, pass := range []func(x []float32) float32{
			func(x []float32) float32 { return float32(copy(x[:half], x[half:whole])) },
			func(x []float32) float32 { return sum(x[:whole]) },
		} {
			for until := time.Now().Add(d / time.Duration(2*len(sizes))); ; {
				l.rate = max(l.rate, burst(memory, size, pass))
				if time.Now().After(until) {
					break
				}
			}
		}
		out = append(out, l)
	}
	return out
}

// burst runs a pass over size bytes on all threads for some milliseconds. It returns
// the bytes per second of all threads.
func burst(memory [][]float32, size int, pass func(x []float32) float32) float64 {
	rates := make([]float64, len(memory))
	var wg sync.WaitGroup
	for i, x := range memory {
		wg.Go(func() {
			passes := 0
			start := time.Now()
			for time.Since(start) < 3*time.Millisecond || passes < 2 {
				pass(x)
				passes++
			}
			rates[i] = float64(passes) * float64(size) / time.Since(start).Seconds()
		})
	}
	wg.Wait()
	all := 0.0
	for _, r := range rates {
		all += r
	}
	return all
}

// at returns the rate for the given number of bytes: that of the next larger reading.
func (b bandwidth) at(bytes int64) float64 {
	for _, l := range b {
		if bytes <= l.bytes {
			return l.rate
		}
	}
	return b[len(b)-1].rate
}

// String lists the readings, such as "120 GB/s to 64 KiB, 14.2 to 128 MiB".
func (b bandwidth) String() string {
	var parts []string
	for i, l := range b {
		unit := " GB/s"
		if i > 0 {
			unit = ""
		}
		size := fmt.Sprintf("%d KiB", l.bytes>>10)
		if l.bytes >= 1<<20 {
			size = fmt.Sprintf("%d MiB", l.bytes>>20)
		}
		parts = append(parts, fmt.Sprintf("%.3g%s to %s", l.rate/1e9, unit, size))
	}
	return strings.Join(parts, ", ")
}
