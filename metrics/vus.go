// The volume under the surface: ranking of scores over time, with some tolerance.

package metrics

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// vusThresholds is the number of thresholds of VUSPR.
const vusThresholds = 250

// VUSPR is the volume under the precision-recall surface of scores of a series, one for
// each point, from 0 to 1 (Paparrizos et al. 2022). It is the area under the
// precision-recall curve for labels that fade out over w/2 points before and after each
// anomaly, averaged over w from 0 to window:
//
//	label(e+k) = sqrt(1 - k/w)    k points after the last point e, and before the first
//
// A point in a fade counts as positive only if it is found. Recall is multiplied by the
// share of anomalies that are touched. The curve has 250 thresholds, at equal steps of
// rank. A usual window is the period of the series. This is the function
// generate_curve(label, score, window, "opt", 250) of TSB-AD, which publishes these
// figures for many detectors.
func VUSPR(scores []float64, anomaly []bool, window int) (float64, error) {
	n := len(scores)
	switch {
	case n != len(anomaly):
		return 0, fmt.Errorf("metrics: vus: %d scores and %d labels", n, len(anomaly))
	case window < 0 || window > n:
		return 0, fmt.Errorf("metrics: vus: the window is %d, want from 0 to the %d points", window, n)
	case slices.ContainsFunc(scores, math.IsNaN):
		return 0, errors.New("metrics: vus: a score is NaN")
	}
	v := &vus{n: n, anomalies: runs(anomaly)}
	if len(v.anomalies) == 0 {
		return 0, errors.New("metrics: vus: no point is an anomaly, so there is no precision and no recall")
	}
	v.rank(scores)
	sum := 0.0
	for w := range window + 1 {
		sum += v.area(w)
	}
	return sum / float64(window+1), nil
}

// span is points from first to last.
type span struct{ first, last int }

// runs are the spans of points that are true.
func runs(x []bool) (spans []span) {
	for i, v := range x {
		switch {
		case v && (i == 0 || !x[i-1]):
			spans = append(spans, span{i, i})
		case v:
			spans[len(spans)-1].last = i
		}
	}
	return spans
}

// vus has what does not depend on the width of the fades.
type vus struct {
	n         int
	anomalies []span
	found     []int                  // of each point, the first threshold that it reaches
	predicted [vusThresholds]float64 // the number of points that reach each threshold
}

// rank finds which thresholds each point reaches.
func (v *vus) rank(scores []float64) {
	sorted := slices.Sorted(slices.Values(scores))
	slices.Reverse(sorted)
	var threshold [vusThresholds]float64
	for k := range threshold {
		threshold[k] = sorted[int(float64(v.n-1)*float64(k)/(vusThresholds-1))]
	}
	v.found = make([]int, v.n)
	for i, s := range scores {
		// Thresholds descend: the first one that is not above the score.
		k, _ := slices.BinarySearchFunc(threshold[:], s, func(t, s float64) int {
			if t > s {
				return -1
			}
			return 1
		})
		v.found[i] = k
		v.predicted[k]++
	}
	for k := 1; k < vusThresholds; k++ {
		v.predicted[k] += v.predicted[k-1]
	}
}

// area is that under the precision-recall curve for fades of width w.
func (v *vus) area(w int) float64 {
	var positive, faded, touched [vusThresholds]float64 // what each threshold adds
	points := 0.0                                       // of anomalies
	for _, a := range v.anomalies {
		for i := a.first; i <= a.last; i++ {
			positive[v.found[i]]++
			points++
		}
	}
	labels := v.fades(w)
	for i, label := range labels {
		if label > 0 {
			positive[v.found[i]] += label
			faded[v.found[i]] += label
		}
	}
	spans := v.widened(w)
	for _, s := range spans {
		touched[slices.Min(v.found[s.first:s.last+1])]++
	}
	area, before := 0.0, 0.0
	tp, extra, hit := 0.0, 0.0, 0.0
	for k := range vusThresholds {
		tp, extra, hit = tp+positive[k], extra+faded[k], hit+touched[k]
		recall := min(tp/((points+points+extra)/2), 1) * hit / float64(len(spans))
		area += (recall - before) * tp / v.predicted[k]
		before = recall
	}
	return area
}

// fades are the labels of the points next to anomalies, and 0 elsewhere.
func (v *vus) fades(w int) []float64 {
	labels := make([]float64, v.n)
	for _, a := range v.anomalies {
		for k := 1; k <= w/2; k++ {
			label := math.Sqrt(1 - float64(k)/float64(w))
			if i := a.last + k; i < v.n {
				labels[i] = min(1, labels[i]+label)
			}
			if i := a.first - k; i >= 0 {
				labels[i] = min(1, labels[i]+label)
			}
		}
	}
	for _, a := range v.anomalies {
		for i := a.first; i <= a.last; i++ {
			labels[i] = 0
		}
	}
	return labels
}

// widened are the anomalies with their fades. Those that meet are one.
func (v *vus) widened(w int) (spans []span) {
	for _, a := range v.anomalies {
		s := span{max(0, a.first-w/2), min(v.n-1, a.last+w/2)}
		if k := len(spans) - 1; k >= 0 && s.first <= spans[k].last {
			spans[k].last = s.last
			continue
		}
		spans = append(spans, s)
	}
	return spans
}
