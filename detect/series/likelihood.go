// From scores over time to alarms.

package series

import (
	"cmp"
	"math"
)

// Likelihood turns scores that come one at a time into alarms: how unlikely the recent
// scores are among those of the past (Ahmad et al. 2017, section 3.2, the anomaly
// likelihood). One goroutine at a time may use it. Its zero value is ready.
//
// With the mean m and the deviation d of the logarithms of the past scores, and the mean r
// of the recent ones, the surprise is -log10 of the probability that a standard normal
// number is above (r-m)/d. An alarm is a surprise of a higher power of two than all in
// the quiet time before: one event gives one alarm, or a few while it grows.
type Likelihood struct {
	// Memory is the number of past scores that count; 0 means 8000.
	Memory int
	// Recent is the number of recent scores; 0 means 5.
	Recent int
	// Quiet is the number of points after an alarm without another one that is not
	// greater; 0 means 400.
	Quiet int

	past   []float64 // logarithms, the latest last
	levels []int     // of alarms in the quiet time, by point
}

// Next takes the next score, at least 0. It returns the surprise, and the alarm: the
// power of two below the surprise, or 0 if there is none. A surprise of 4, that is a
// probability of 1 in 10,000, and so an alarm of at least 4, is worth a look.
func (l *Likelihood) Next(score float64) (surprise, alarm float64) {
	memory, recent, quiet := cmp.Or(max(l.Memory, 0), 8000), cmp.Or(max(l.Recent, 0), 5), cmp.Or(max(l.Quiet, 0), 400)
	l.past = append(l.past, math.Log(max(score, 1e-12)))
	if len(l.past) > memory+recent {
		l.past = l.past[1:]
	}
	level := 0
	if n := len(l.past) - recent; n >= 10 {
		m, d := meanAndDeviation(l.past[:n])
		r, _ := meanAndDeviation(l.past[n:])
		if surprise = surpriseOf((r - m) / max(d, 1e-6)); surprise >= 1 {
			level = 1 + int(math.Log2(surprise))
		}
	}
	for _, before := range l.levels {
		if before >= level {
			alarm = -1
		}
	}
	if alarm == 0 && level > 0 {
		alarm = math.Exp2(float64(level - 1))
	} else {
		alarm, level = 0, 0
	}
	l.levels = append(l.levels, level)
	if len(l.levels) > quiet {
		l.levels = l.levels[1:]
	}
	return surprise, alarm
}

// surpriseOf is -log10 of the probability that a standard normal number is above z.
func surpriseOf(z float64) float64 {
	if z < 30 {
		return -math.Log10(math.Erfc(z/math.Sqrt2) / 2)
	}
	return (z*z/2 + math.Log(z*math.Sqrt(2*math.Pi))) / math.Ln10
}
