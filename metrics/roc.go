package metrics

import (
	"cmp"
	"math"
	"slices"
)

// ROCAUC is the area under the ROC curve of scores, from 0 to 1: the share of pairs of
// a positive and another sample in which the positive one has the higher score. Equal
// scores count half (Hanley and McNeil 1982). It is NaN if a score is NaN, the lengths
// differ, or there is no sample of one of the kinds.
func ROCAUC(scores []float64, positive []bool) float64 {
	right, positives := 0.0, 0.0
	before := 0.0 // others with a lower score
	ok := ranked(scores, positive, func(p, others float64) {
		right += p * (before + others/2)
		before += others
		positives += p
	})
	if !ok || positives == 0 || before == 0 {
		return math.NaN()
	}
	return right / (positives * before)
}

// AveragePrecision is the mean, over the positive samples, of the share of positive
// ones among the samples with at least the same score, from 0 to 1: the area under the
// steps of the precision-recall curve. Chance gives the share of positives. It is NaN if
// a score is NaN, the lengths differ, or no sample is positive.
func AveragePrecision(scores []float64, positive []bool) float64 {
	negated := make([]float64, len(scores))
	for i, s := range scores {
		negated[i] = -s
	}
	sum, positives, all := 0.0, 0.0, 0.0
	ok := ranked(negated, positive, func(p, others float64) {
		positives += p
		all += p + others
		sum += p * positives / all
	})
	if !ok || positives == 0 {
		return math.NaN()
	}
	return sum / positives
}

// ranked calls yield for each distinct score, from the least on, with the numbers of
// positive and other samples that have it. It reports whether the arguments are valid.
func ranked(scores []float64, positive []bool, yield func(positives, others float64)) bool {
	if len(scores) != len(positive) || slices.ContainsFunc(scores, math.IsNaN) {
		return false
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	for i := 0; i < len(order); {
		score, p, others := scores[order[i]], 0.0, 0.0
		for ; i < len(order) && scores[order[i]] == score; i++ {
			if positive[order[i]] {
				p++
			} else {
				others++
			}
		}
		yield(p, others)
	}
	return true
}

// PrecisionAt is the share of positive samples among the n with the highest scores. Where
// equal scores straddle the n-th place, they count by their mean share. With n the number
// of positive samples it is known as P@n. It is NaN if a score is NaN, the lengths differ,
// or n is not from 1 to the number of samples.
func PrecisionAt(scores []float64, positive []bool, n int) float64 {
	if n < 1 || n > len(scores) {
		return math.NaN()
	}
	negated := make([]float64, len(scores))
	for i, s := range scores {
		negated[i] = -s
	}
	found, left := 0.0, float64(n)
	if !ranked(negated, positive, func(p, others float64) {
		taken := min(left, p+others)
		found += taken * p / (p + others)
		left -= taken
	}) {
		return math.NaN()
	}
	return found / float64(n)
}
