package train

import "math"

// OneCycle is the policy of Smith and Topin (2018), along half periods of the cosine: in
// the first 30 percent of the steps it rises from peak/25 to the peak, and in the
// remaining ones it falls to peak/250,000.
func OneCycle(peak float64) Schedule {
	return Sequence([]float64{0.3}, Cosine(peak/25, peak), Cosine(peak, peak/25e4))
}

// Triangle rises from one value to another in the first half of the steps, and falls
// back in the second, by the same amount in each step. Repeat(n, Triangle(low, high))
// is the cyclical learning rate of Smith (2017).
func Triangle(low, high float64) Schedule {
	return func(step, total int) float64 {
		return high + (low-high)*math.Abs(2*progressOf(step, total)-1)
	}
}

// Repeat follows a schedule n times, each time in an equal part of all steps. Repeat(4,
// WarmUp(0.5, Constant(1))) is the cyclical annealing of beta of Fu et al. (2019), and
// Repeat(n, Cosine(rate, 0)) restarts a rate (Loshchilov and Hutter 2017).
func Repeat(n int, s Schedule) Schedule {
	return func(step, total int) float64 {
		if s == nil || n < 1 {
			return math.NaN()
		}
		k := cycleOf(step, total, n)
		from, to := k*total/n, (k+1)*total/n
		return s(step-from, to-from)
	}
}

// cycleOf is the part of n equal parts that a step is in: the last k with k*total/n <=
// step.
func cycleOf(step, total, n int) int {
	if total < 1 {
		return 0
	}
	return min(n-1, ((step+1)*n-1)/total)
}

// Restarts follows a schedule in periods, of which the first has so many steps and each
// other is longer than the one before by a factor of at least 1. Restarts(1000, 2,
// Cosine(rate, 0)) is SGDR with T_0 = 1000 and T_mult = 2 (Loshchilov and Hutter 2017).
func Restarts(steps int, factor float64, s Schedule) Schedule {
	return func(step, total int) float64 {
		if s == nil || steps < 1 || !(factor >= 1) {
			return math.NaN()
		}
		period := float64(steps)
		for step >= int(period) {
			step -= int(period)
			period *= factor
		}
		return s(step, int(period))
	}
}

// Sequence follows one schedule after the other. The next begins at each of the given
// fractions of all steps, which increase; there is one less of them than of schedules.
func Sequence(starts []float64, schedules ...Schedule) Schedule {
	return func(step, total int) float64 {
		if len(starts) != len(schedules)-1 {
			return math.NaN()
		}
		k, from, to := 0, 0, total
		for i, part := range starts {
			at := int(part * float64(total))
			if step < at {
				to = at
				break
			}
			k, from = i+1, at
		}
		if schedules[k] == nil {
			return math.NaN()
		}
		return schedules[k](step-from, to-from)
	}
}
