// The isolation forest as a detector.

package detect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
)

// IsolationForest scores a row by how few random splits separate it from the others (Liu,
// Ting and Zhou 2008). Each tree splits a sample of the rows at random values of random
// columns, until rows are alone or the tree is log2(Sample) deep. With c(n), the mean
// depth of an unsuccessful search among n rows, the score of a row at mean depth h is
//
//	2^(-h / c(Sample))
//
// from 0 to 1. Missing values take the branch of the column's mean.
type IsolationForest struct {
	// Trees is the number of trees; 0 means 300.
	Trees int
	// Sample is the number of rows of a tree; 0 means 256. With fewer rows it is all.
	Sample int
}

// String names the method.
func (d IsolationForest) String() string { return "isolation forest" }

// Fit grows the trees. It needs two rows.
func (d IsolationForest) Fit(ctx context.Context, t *Table, o Options) (Model, error) {
	if d.Trees < 0 || d.Sample < 0 || d.Sample == 1 {
		return nil, fmt.Errorf("detect: IsolationForest: %d Trees of Sample %d: want at least one tree of two rows, or 0 for 300 of 256", d.Trees, d.Sample)
	}
	s, r, err := prepared(ctx, t, 2)
	if err != nil {
		return nil, err
	}
	size := min(cmp.Or(d.Sample, 256), r.n)
	m := &forest{scale: s, trees: make([][]branch, cmp.Or(d.Trees, 300)), usual: searchDepth(size)}
	for k := range m.trees {
		g := &grower{rows: r, random: rand.New(rand.NewPCG(o.Seed, uint64(k)+1)), deepest: bits.Len(uint(size - 1))}
		g.grow(g.random.Perm(r.n)[:size], 0)
		m.trees[k] = g.tree
	}
	return m, nil
}

// branch is a node of a tree. A row goes left if its value in column at is below split.
type branch struct {
	at          int32 // -1 for a leaf
	left, right int32
	split       float64
	depth       float64 // the mean depth of the rows here, were they split at random
}

type forest struct {
	noNets
	*scale
	trees [][]branch
	usual float64
}

// searchDepth is c(n) = 2 H(n-1) - 2 (n-1)/n.
func searchDepth(n int) float64 {
	switch {
	case n < 2:
		return 0
	case n == 2:
		return 1
	}
	const euler = 0.5772156649015329
	return 2*(math.Log(float64(n-1))+euler) - 2*float64(n-1)/float64(n)
}

// grower grows a tree.
type grower struct {
	*rows
	random  *rand.Rand
	deepest int
	tree    []branch
}

// grow adds the branch of some rows and all below it, and returns its number.
func (g *grower) grow(members []int, depth int) int32 {
	number := len(g.tree)
	g.tree = append(g.tree, branch{at: -1, depth: float64(depth) + searchDepth(len(members))})
	if depth >= g.deepest || len(members) < 2 {
		return int32(number)
	}
	at, low, high := g.column(members)
	if at < 0 {
		return int32(number)
	}
	split := low + (high-low)*g.random.Float64()
	if split <= low {
		split = math.Nextafter(low, high)
	}
	cut := 0
	for k, i := range members {
		if g.x[i*g.width+at] < split {
			members[cut], members[k] = members[k], members[cut]
			cut++
		}
	}
	left := g.grow(members[:cut], depth+1)
	right := g.grow(members[cut:], depth+1)
	b := &g.tree[number]
	b.at, b.split, b.left, b.right = int32(at), split, left, right
	return int32(number)
}

// column returns a random column that varies among some rows, and its range; -1 if none
// does.
func (g *grower) column(members []int) (at int, low, high float64) {
	for _, at := range g.random.Perm(g.width) {
		low, high := math.Inf(1), math.Inf(-1)
		for _, i := range members {
			v := g.x[i*g.width+at]
			low, high = min(low, v), max(high, v)
		}
		if low < high {
			return at, low, high
		}
	}
	return -1, 0, 0
}

// walk is the depth that a row reaches in a tree. For each split on the way it calls
// step, if that is not nil, with the column and how much less deep than before the row
// is expected to get.
func walk(tree []branch, x []float64, step func(at int, less float64)) float64 {
	b := &tree[0]
	for b.at >= 0 {
		next := &tree[b.right]
		if x[b.at] < b.split {
			next = &tree[b.left]
		}
		if step != nil {
			step(int(b.at), b.depth-next.depth)
		}
		b = next
	}
	return b.depth
}

// Score returns the forest's scores.
func (m *forest) Score(t *Table) ([]float64, error) {
	r, err := m.apply(t)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, r.n)
	inParallel(r.n, func(from, to int) {
		for i := from; i < to; i++ {
			sum, x := 0.0, r.row(i)
			for _, tree := range m.trees {
				sum += walk(tree, x, nil)
			}
			scores[i] = math.Exp2(-sum / float64(len(m.trees)) / m.usual)
		}
	})
	return scores, nil
}

// Explain splits the depth that the row lacks among the columns of the splits on its way.
// What is expected is the mean, or the most frequent category.
func (m *forest) Explain(t *Table, row int) ([]Part, error) {
	return m.explain(t, row, func(r *rows) (amount, expected []float64) {
		amount = make([]float64, r.width)
		for _, tree := range m.trees {
			walk(tree, r.row(0), func(at int, less float64) { amount[at] += less })
		}
		return amount, make([]float64, r.width)
	})
}
