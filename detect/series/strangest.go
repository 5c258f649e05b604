// What to look at first in the scores of a series.

package series

import "math"

// Finite sets scores that are NaN to 0, the lowest one, in place: of points in stretches
// that are shorter than a window nothing is known, and they are never called strange.
func Finite(scores []float64) []float64 {
	for i, v := range scores {
		if math.IsNaN(v) {
			scores[i] = 0
		}
	}
	return scores
}

// Strangest returns the places of up to n of the greatest scores, the greatest first.
// Points that are fewer than apart from one of them belong to the same event and are
// passed over, and so are scores of 0 and NaN.
func Strangest(scores []float64, n, apart int) []int {
	var at []int
	apart = max(apart, 1)
	left := Finite(append([]float64(nil), scores...))
	for len(at) < n {
		most := 0
		for i, v := range left {
			if v > left[most] {
				most = i
			}
		}
		if len(left) == 0 || left[most] <= 0 {
			break
		}
		at = append(at, most)
		clear(left[max(0, most-apart+1):min(len(left), most+apart)])
	}
	return at
}
