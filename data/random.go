// The package's random numbers: the same on every platform, and reached by index rather than by order of use.

package data

import (
	"math/bits"
	"math/rand/v2"
)

// golden is 2^64 over the golden ratio, the step of SplitMix64.
const golden = 0x9e3779b97f4a7c15

// mix scrambles x so that neighbouring inputs give unrelated outputs, and different inputs different outputs (the
// finaliser of SplitMix64; Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// A splitMix is the generator SplitMix64; its value is its state.
type splitMix uint64

func (g *splitMix) next() uint64 {
	*g += golden
	return mix(uint64(*g))
}

// Uint64 makes a splitMix a source of math/rand/v2.
func (g *splitMix) Uint64() uint64 { return g.next() }

// unit returns a number in [0,1).
func (g *splitMix) unit() float64 { return float64(g.next()>>11) / (1 << 53) }

// within returns a number in [-most,most).
func (g *splitMix) within(most float64) float64 { return (2*g.unit() - 1) * most }

// below returns a number in [0,n), n > 0.
func (g *splitMix) below(n int) int { return scale(g.next(), n) }

// normal returns a nearly normal integer of mean 0 and the given deviation: the sum of four uniform numbers, so that
// none lies beyond 3.5 deviations.
func (g *splitMix) normal(deviation int64) int64 {
	u := g.next()
	sum := int64(u&0xffff) + int64(u>>16&0xffff) + int64(u>>32&0xffff) + int64(u>>48) - 2*0xffff
	// Four uniform numbers over [0,65536) have the deviation 65536/sqrt(3) = 37837.
	return sum * deviation / 37837
}

// scale maps a uniform u to [0,n), n > 0, by the high half of their product; its bias is below n/2^64.
func scale(u uint64, n int) int {
	hi, _ := bits.Mul64(u, uint64(n))
	return int(hi)
}

// keyOf is a number that depends on the seed and the path of numbers.
func keyOf(seed uint64, path ...int) uint64 {
	key := mix(seed)
	for _, p := range path {
		key = mix(key + golden*(uint64(p)+1))
	}
	return key
}

// permute fills order with a permutation of 0 to len(order)-1 that depends only on the seed and the path of numbers (an
// epoch, a block): a Fisher-Yates shuffle, from the last place down, with PCG-DXSM and 128 bits of state.
func permute(order []int, seed uint64, path ...int) {
	key := keyOf(seed, path...)
	g := rand.NewPCG(key, mix(key+golden))
	for i := range order {
		order[i] = i
	}
	for i := len(order) - 1; i > 0; i-- {
		j := scale(g.Uint64(), i+1)
		order[i], order[j] = order[j], order[i]
	}
}
