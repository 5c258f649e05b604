package metrics

import (
	"errors"
	"fmt"
	"math"
)

// ClusterAccuracy is the share of samples whose cluster is that of their class, for the
// best assignment of clusters to classes, one to one (Xie et al. 2016, eq. 10). label
// and cluster have the class and the cluster of each sample, counted from 0; there can
// be more of one than of the other.
func ClusterAccuracy(label, cluster []int) (float64, error) {
	t, err := contingencyOf(label, cluster)
	if err != nil {
		return 0, err
	}
	size := max(len(t.counts), len(t.columns))
	cost := make([][]float64, size)
	for i := range cost {
		cost[i] = make([]float64, size)
		for j := range cost[i] {
			if i < len(t.counts) && j < len(t.columns) {
				cost[i][j] = -t.counts[i][j]
			}
		}
	}
	hits := 0.0
	for i, j := range assign(cost) {
		hits -= cost[i][j]
	}
	return hits / t.n, nil
}

// NMI is the normalised mutual information of classes and clusters, from 0 to 1: the
// mutual information over the mean of both entropies. If both have one value only, it
// is 1.
func NMI(label, cluster []int) (float64, error) {
	t, err := contingencyOf(label, cluster)
	if err != nil {
		return 0, err
	}
	mean := (entropy(t.rows, t.n) + entropy(t.columns, t.n)) / 2
	if mean == 0 {
		return 1, nil
	}
	return max(0, t.mutual()/mean), nil
}

// ARI is the adjusted Rand index of classes and clusters (Hubert and Arabie 1985): the
// share of pairs of samples on which both agree, scaled so that it is 1 if they are
// equal and 0 on average for random clusters of the same sizes.
func ARI(label, cluster []int) (float64, error) {
	t, err := contingencyOf(label, cluster)
	if err != nil {
		return 0, err
	}
	pairs := func(n float64) float64 { return n * (n - 1) / 2 }
	both, rows, columns := 0.0, 0.0, 0.0
	for i, row := range t.counts {
		rows += pairs(t.rows[i])
		for _, c := range row {
			both += pairs(c)
		}
	}
	for _, c := range t.columns {
		columns += pairs(c)
	}
	chance, most := 0.0, (rows+columns)/2
	if all := pairs(t.n); all > 0 {
		chance = rows * columns / all
	}
	if most == chance {
		return 1, nil
	}
	return (both - chance) / (most - chance), nil
}

// contingency counts the samples of each class and cluster.
type contingency struct {
	counts        [][]float64 // [classes][clusters]
	rows, columns []float64   // their sums
	n             float64
}

func contingencyOf(label, cluster []int) (*contingency, error) {
	if len(label) != len(cluster) || len(label) == 0 {
		return nil, fmt.Errorf("metrics: %d classes and %d clusters: want one of each for each sample, and at least one sample", len(label), len(cluster))
	}
	most := [2]int{}
	for i, c := range label {
		if c < 0 || cluster[i] < 0 || c >= 1<<16 || cluster[i] >= 1<<16 {
			return nil, errors.New("metrics: a class or cluster is below 0 or above 65535: count from 0")
		}
		most[0], most[1] = max(most[0], c), max(most[1], cluster[i])
	}
	t := &contingency{make([][]float64, most[0]+1), make([]float64, most[0]+1), make([]float64, most[1]+1), float64(len(label))}
	for i := range t.counts {
		t.counts[i] = make([]float64, most[1]+1)
	}
	for i, c := range label {
		t.counts[c][cluster[i]]++
		t.rows[c]++
		t.columns[cluster[i]]++
	}
	return t, nil
}

func entropy(counts []float64, n float64) (h float64) {
	for _, c := range counts {
		if c > 0 {
			h -= c / n * math.Log(c/n)
		}
	}
	return h
}
