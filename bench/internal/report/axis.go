// Axes of charts: where a value stands and which values are labelled.

package report

import (
	"fmt"
	"math"
	"strconv"
)

// axis maps values to places from 0 to 1.
type axis struct {
	low, high float64
	log       bool
	ticks     []float64
	step      float64 // between ticks of a linear axis
}

// at returns the place of a value.
func (a axis) at(v float64) float64 {
	if a.log {
		return math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return (v - a.low) / (a.high - a.low)
}

// outerAxis is a linear axis that begins and ends at a tick and contains low and
// high, with about n ticks.
func outerAxis(low, high float64, n int) axis {
	low, high = apart(low, high)
	step := niceStep(high-low, n)
	a := axis{low: math.Floor(low/step) * step, high: math.Ceil(high/step) * step, step: step}
	a.fill()
	return a
}

// innerAxis is a linear axis from low to high with ticks between them.
func innerAxis(low, high float64, n int) axis {
	low, high = apart(low, high)
	a := axis{low: low, high: high, step: niceStep(high-low, n)}
	a.fill()
	return a
}

// fill sets the ticks of a linear axis.
func (a *axis) fill() {
	const slack = 1e-9
	first := math.Ceil(a.low/a.step - slack)
	for i := first; i*a.step <= a.high+slack*a.step; i++ {
		a.ticks = append(a.ticks, i*a.step+0) // never -0
	}
}

// apart moves the ends of an empty range apart.
func apart(low, high float64) (float64, float64) {
	if high > low {
		return low, high
	}
	by := math.Abs(low) / 10
	if by == 0 {
		by = 0.5
	}
	return low - by, high + by
}

// niceStep divides a span into about n steps of 1, 2 or 5 times a power of ten.
func niceStep(span float64, n int) float64 {
	raw := span / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*0.999 {
			return m * power
		}
	}
	return 10 * power
}

// logAxis is a logarithmic axis for positive low and high that begins and ends at
// a tick: powers of ten, and two and five times them if there are few.
func logAxis(low, high float64) axis {
	multiples := []float64{1, 2, 5}
	if math.Log10(high/low) > 2.5 {
		multiples = []float64{1}
	}
	a := axis{log: true}
	first, last := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
	for e := first; e <= last; e++ {
		for _, m := range multiples {
			t := m * math.Pow(10, float64(e))
			a.ticks = append(a.ticks, t)
		}
	}
	for len(a.ticks) > 2 && a.ticks[1] <= low*1.0001 {
		a.ticks = a.ticks[1:]
	}
	for n := len(a.ticks); n > 2 && a.ticks[n-2] >= high*0.9999; n-- {
		a.ticks = a.ticks[:n-1]
	}
	a.low, a.high = a.ticks[0], a.ticks[len(a.ticks)-1]
	return a
}

// label formats a tick with the digits that tell it from its neighbours.
func (a axis) label(tick float64) string {
	size := math.Max(math.Abs(a.low), math.Abs(a.high))
	switch {
	case tick == 0:
		return "0"
	case a.log && (tick < 1e-4 || tick >= 1e6), size >= 1e8 || size < 1e-4:
		return fmt.Sprintf("%.3g", tick)
	case a.log:
		return grouped(strconv.FormatFloat(tick, 'f', max(0, -int(math.Floor(math.Log10(tick)+1e-9))), 64))
	default:
		return grouped(strconv.FormatFloat(tick, 'f', max(0, -int(math.Floor(math.Log10(a.step)+1e-9))), 64))
	}
}
