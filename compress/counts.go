package compress

import "math/bits"

// counts are the frequencies of the symbols of a dimension so far: whole numbers, so that
// the decoder has the same. Each symbol starts with one, and gets gain more when it
// occurs. A Fenwick tree (1994) has their sums.
type counts struct {
	lo, n int      // the least symbol, and the number of symbols
	tree  []uint64 // the sum of a range of counts, from 1 on
	sum   uint64
	value []uint64
}

const (
	countBits = 30
	gain      = 32      // a symbol that occurred counts this much more than one that did not
	maxSum    = 1 << 24 // counts are halved when their sum is above
)

// newCounts returns the counts of the symbols from lo to hi. They need start.
func newCounts(lo, hi int) counts { return counts{lo: lo, n: hi - lo + 1} }

// start takes memory, and gives all symbols the count 1.
func (c *counts) start() {
	c.tree, c.value = make([]uint64, c.n+1), make([]uint64, c.n)
	for k := range c.value {
		c.value[k] = 1
	}
	c.build()
}

func (c *counts) build() {
	clear(c.tree)
	c.sum = 0
	for k, v := range c.value {
		c.sum += v
		i := k + 1
		c.tree[i] += v
		if up := i + i&-i; up <= c.n {
			c.tree[up] += c.tree[i]
		}
	}
}

// count notes that symbol k occurred.
func (c *counts) count(k int) {
	c.value[k] += gain
	c.sum += gain
	for i := k + 1; i <= c.n; i += i & -i {
		c.tree[i] += gain
	}
	if c.sum > maxSum {
		for k, v := range c.value {
			c.value[k] = v/2 + v%2
		}
		c.build()
	}
}

// before is the sum of the counts before symbol k.
func (c *counts) before(k int) uint64 {
	sum := uint64(0)
	for ; k > 0; k -= k & -k {
		sum += c.tree[k]
	}
	return sum
}

// interval scales sums of counts to [0, 2^countBits).
func (c *counts) interval(below, count uint64) (start, size uint64) {
	start = below << countBits / c.sum
	return start, (below+count)<<countBits/c.sum - start
}

// span is the interval of symbol k.
func (c *counts) span(k int) (start, size uint64) { return c.interval(c.before(k), c.value[k]) }

// find is the symbol whose interval has the number at, and its interval.
func (c *counts) find(at uint64) (k int, start, size uint64) {
	// at lies in the interval of the last symbol with start <= at: that is, below <=
	// floor of ((at+1) sum - 1) / 2^countBits.
	rest := ((at+1)*c.sum - 1) >> countBits
	below := uint64(0)
	for step := 1 << (bits.Len(uint(c.n)) - 1); step > 0; step /= 2 {
		if next := k + step; next < c.n && below+c.tree[next] <= rest {
			k, below = next, below+c.tree[next]
		}
	}
	start, size = c.interval(below, c.value[k])
	return k, start, size
}
