// The score of the Numenta Anomaly Benchmark.

package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// NABSeries is a series with scores of its points and windows around its anomalies.
type NABSeries struct {
	Name   string // for errors
	Scores []float64
	// Windows are the first and the last point of each window, in order.
	Windows [][2]int
}

// NABProfile has the weights of NAB. Its zero value is the standard profile.
type NABProfile struct {
	TruePositive  float64 // of a window that is found; 0 means 1
	FalsePositive float64 // of a point outside the windows; 0 means 0.11
	FalseNegative float64 // of a window that is missed; 0 means 1
	// Probation is the share of the points at the start of a series that do not count,
	// of the first 5000; 0 means 0.15.
	Probation float64
}

// NABResult is the best threshold, and what it gives.
type NABResult struct {
	// Score is from 100, if each window is found at its first point without a false
	// positive, over 0, if nothing is found, to any negative number.
	Score float64
	// Threshold is the least score that is an alarm.
	Threshold      float64
	Found, Windows int // windows
	FalsePositives int // points
	Alarms         int // points at or above the threshold, after the probation
}

// NAB is the score of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015), for the one
// threshold over all series that is best. With s(y) = 2 sigmoid(-5 y) - 1, a window is
// worth its first alarm, at the relative position y from -1 at its left end to almost 0
// at its right end, as TruePositive * s(y)/s(-1), or -FalseNegative without one. Each
// alarm outside adds FalsePositive * s(y), with y the distance from the last window's end
// in lengths of the window, and -1 before the first window. The sum is scaled so that no
// alarm at all gives 0 and a perfect result 100.
//
// As in NAB's own runs, the threshold is chosen with the labels. Scores themselves should
// not be.
func NAB(series []NABSeries, p NABProfile) (NABResult, error) {
	p = NABProfile{cmp.Or(p.TruePositive, 1), cmp.Or(p.FalsePositive, .11), cmp.Or(p.FalseNegative, 1), cmp.Or(p.Probation, .15)}
	var points []nabPoint
	windows := 0
	for k, s := range series {
		more, err := p.points(s, windows)
		if err != nil {
			return NABResult{}, fmt.Errorf("metrics: nab: series %d, %s: %w", k+1, s.Name, err)
		}
		points = append(points, more...)
		windows += len(s.Windows)
	}
	if windows == 0 {
		return NABResult{}, errors.New("metrics: nab: no window: there is nothing to find")
	}
	slices.SortFunc(points, func(a, b nabPoint) int { return cmp.Compare(b.score, a.score) })
	worth := make([]float64, windows) // of each window
	for i := range worth {
		worth[i] = -p.FalseNegative
	}
	total := -p.FalseNegative * float64(windows)
	least, perfect := total, p.TruePositive*float64(windows)
	now := NABResult{Threshold: math.Inf(1), Windows: windows}
	best := now
	bestTotal := total
	for i, x := range points {
		now.Alarms++
		if x.window < 0 {
			total += x.worth
			now.FalsePositives++
		} else if x.worth > worth[x.window] {
			if worth[x.window] == -p.FalseNegative {
				now.Found++
			}
			total += x.worth - worth[x.window]
			worth[x.window] = x.worth
		}
		if last := i == len(points)-1 || points[i+1].score != x.score; last && total > bestTotal {
			bestTotal, best = total, now
			best.Threshold = x.score
		}
	}
	best.Score = 100 * (bestTotal - least) / (perfect - least)
	return best, nil
}

// nabPoint is a point that may be an alarm, and what that is worth.
type nabPoint struct {
	score, worth float64
	window       int // of all windows, -1 outside
}

func nabSigmoid(y float64) float64 {
	if y >= 3 {
		return -1
	}
	return 2/(1+math.Exp(5*y)) - 1
}

// points returns the points of a series after the probation. Its windows are numbered
// from first on.
func (p NABProfile) points(s NABSeries, first int) ([]nabPoint, error) {
	n := len(s.Scores)
	if slices.ContainsFunc(s.Scores, math.IsNaN) {
		return nil, errors.New("a score is NaN")
	}
	for k, w := range s.Windows {
		if w[0] < 0 || w[1] < w[0] || w[1] >= n || k > 0 && w[0] <= s.Windows[k-1][1] {
			return nil, fmt.Errorf("window %d is from point %d to %d: want windows in order within the %d points", k+1, w[0], w[1], n)
		}
	}
	from := int(min(math.Floor(p.Probation*float64(n)), p.Probation*5000))
	var points []nabPoint
	next := 0 // window
	for i, score := range s.Scores {
		for next < len(s.Windows) && i > s.Windows[next][1] {
			next++
		}
		x := nabPoint{score: score, window: -1}
		switch {
		case next < len(s.Windows) && i >= s.Windows[next][0]:
			w := s.Windows[next]
			x.window = first + next
			x.worth = p.TruePositive * nabSigmoid(-float64(w[1]-i+1)/float64(w[1]-w[0]+1)) / nabSigmoid(-1)
		case next == 0:
			x.worth = -p.FalsePositive
		default:
			w := s.Windows[next-1]
			x.worth = p.FalsePositive * nabSigmoid(float64(i-w[1])/float64(max(1, w[1]-w[0])))
		}
		if i >= from {
			points = append(points, x)
		}
	}
	return points, nil
}
