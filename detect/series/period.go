package series

// Period is the length of the strongest cycle, from 6 to 303 points: the lag at which the
// autocorrelation of the first 20000 points has its greatest local maximum, of the lags
// up to 400; 125 if there is none in that range. TSB-AD sets the window of VUS-PR so
// (function find_length_rank).
func Period(values []float64) int {
	const first, last, none = 3, 400, 125
	x := values[:min(len(values), 20000)]
	mean, deviation := meanAndDeviation(x)
	if deviation == 0 {
		return none
	}
	var at []float64 // correlation at lag first+i
	for lag := first; lag <= last && lag < len(x); lag++ {
		sum := 0.0
		for i := lag; i < len(x); i++ {
			sum += (x[i] - mean) * (x[i-lag] - mean)
		}
		at = append(at, sum)
	}
	best := -1
	for i := 1; i+1 < len(at); i++ {
		if at[i] > at[i-1] && at[i] > at[i+1] && (best < 0 || at[i] >= at[best]) {
			best = i
		}
	}
	if best < 3 || best > 300 {
		return none
	}
	return best + first
}
