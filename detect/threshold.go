// From which score on a row is an anomaly.

package detect

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Percentile returns the score below which a share of the scores lies, from 0 to 1, by
// linear interpolation between two of them. Scores of a validation set of normal rows and
// the share 0.99 give a threshold with about 1 % false alarms.
func Percentile(scores []float64, share float64) (float64, error) {
	sorted, err := sortedScores(scores)
	if err != nil {
		return 0, err
	}
	if !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("detect: percentile: the share is %g, want 0 to 1, such as 0.99", share)
	}
	at := share * float64(len(sorted)-1)
	k := int(at)
	if k == len(sorted)-1 {
		return sorted[k], nil
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k]), nil
}

// Contamination returns the threshold above which a share of the scores lies: that of the
// rows that are believed to be anomalies, from 0 to 0.5. Of n scores, round(n*share) are
// above it, or fewer if scores are equal.
func Contamination(scores []float64, share float64) (float64, error) {
	sorted, err := sortedScores(scores)
	if err != nil {
		return 0, err
	}
	if !(share >= 0 && share <= 0.5) {
		return 0, fmt.Errorf("detect: contamination: the share of anomalies is %g, want 0 to 0.5, such as 0.05", share)
	}
	above := int(math.Round(share * float64(len(sorted))))
	return sorted[max(0, len(sorted)-1-above)], nil
}

// RobustDeviation returns the threshold
//
//	median + k 1.4826 MAD
//
// MAD is the median absolute deviation of the scores from their median; for normal
// scores, 1.4826 MAD is their standard deviation. Neither moves much with the anomalies
// among the scores. Usual values of k are 3 and 3.5 (Iglewicz and Hoaglin 1993). If more
// than half of the scores are equal, MAD is 0 and there is no threshold.
func RobustDeviation(scores []float64, k float64) (float64, error) {
	sorted, err := sortedScores(scores)
	if err != nil {
		return 0, err
	}
	if !(k > 0) || math.IsInf(k, 1) {
		return 0, fmt.Errorf("detect: robust deviation: k is %g, want a number above 0, such as 3", k)
	}
	median := medianOf(sorted)
	away := make([]float64, len(sorted))
	for i, s := range sorted {
		away[i] = math.Abs(s - median)
	}
	slices.Sort(away)
	mad := medianOf(away)
	if mad == 0 {
		return 0, fmt.Errorf("detect: robust deviation: half of the %d scores are %g, so they have no deviation: set the threshold by Contamination or Percentile", len(sorted), median)
	}
	return median + k*1.4826*mad, nil
}

// medianOf is the median of numbers in order.
func medianOf(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Above reports which scores are above a threshold.
func Above(scores []float64, threshold float64) []bool {
	above := make([]bool, len(scores))
	for i, s := range scores {
		above[i] = s > threshold
	}
	return above
}

// sortedScores returns scores in order, or an error if there are none or one is NaN.
func sortedScores(scores []float64) ([]float64, error) {
	if len(scores) == 0 {
		return nil, errors.New("detect: there are no scores")
	}
	if i := slices.IndexFunc(scores, math.IsNaN); i >= 0 {
		return nil, fmt.Errorf("detect: score %d is NaN", i)
	}
	return slices.Sorted(slices.Values(scores)), nil
}
