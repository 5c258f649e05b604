package metrics

import (
	"cmp"
	"math"
	"slices"
)

// Top returns the k items with the greatest scores, the best first, without those in
// seen. Items are numbered by their place in scores; of equal scores the lower number
// comes first. NaN counts as the least score. There are fewer than k if there are no
// more items.
func Top(scores []float64, seen []int, k int) []int {
	out := make([]bool, len(scores))
	for _, i := range seen {
		if i >= 0 && i < len(out) {
			out[i] = true
		}
	}
	items := make([]int, 0, len(scores))
	for i := range scores {
		if !out[i] {
			items = append(items, i)
		}
	}
	slices.SortFunc(items, func(a, b int) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	return items[:min(max(k, 0), len(items))]
}

// NDCG is the normalised discounted cumulative gain at k of a ranking, the best item
// first, from 0 to 1: the sum of 1/log2(1+rank) over the relevant items among the first
// k, over its largest possible value. It is 0 if no item is relevant.
func NDCG(ranking, relevant []int, k int) float64 {
	gain, most := 0.0, 0.0
	wanted := setOf(relevant)
	for i, item := range ranking[:min(max(k, 0), len(ranking))] {
		if wanted[item] {
			gain += discount(i)
		}
	}
	for i := range min(max(k, 0), len(wanted)) {
		most += discount(i)
	}
	if most == 0 {
		return 0
	}
	return gain / most
}

// Recall is the share of the relevant items that are among the first k of a ranking, of
// at most k (Liang et al. 2018, section 4.2): hits / min(k, relevant). It is 0 if no
// item is relevant.
func Recall(ranking, relevant []int, k int) float64 {
	hits := 0
	wanted := setOf(relevant)
	for _, item := range ranking[:min(max(k, 0), len(ranking))] {
		if wanted[item] {
			hits++
		}
	}
	most := min(k, len(wanted))
	if most < 1 {
		return 0
	}
	return float64(hits) / float64(most)
}

func discount(place int) float64 { return 1 / math.Log2(float64(place+2)) }

func setOf(items []int) map[int]bool {
	set := make(map[int]bool, len(items))
	for _, i := range items {
		set[i] = true
	}
	return set
}
