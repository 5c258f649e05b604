// Scores as probabilities, and how sure a decision is.

package detect

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/stheno-ml/stheno/metrics"
)

// Calibration turns scores into probabilities. It is made by Calibrate, without labels,
// or by CalibrateByLabels.
type Calibration struct {
	// Threshold is the score above which a row is an anomaly.
	Threshold float64
	// Intercept and Slope give the probability of an anomaly,
	//
	//	1 / (1 + e^-(Intercept + Slope score))
	//
	// if Slope is above 0. Otherwise it is by Mean and Deviation.
	Intercept, Slope float64
	// Mean and Deviation are those of the fitted scores.
	Mean, Deviation float64

	sorted []float64 // the fitted scores
	above  int       // how many of them are above the threshold
}

// Calibrate makes a calibration from the scores of the rows that were fitted and a
// threshold. Without labels, the probability is that a normal distribution of their mean
// and deviation is below the score, from the mean on (Kriegel et al. 2011, section 3.2):
//
//	max(0, erf((score - Mean) / (Deviation sqrt 2)))
//
// It orders rows and is comparable between detectors, but it is no frequency.
func Calibrate(scores []float64, threshold float64) (*Calibration, error) {
	sorted, err := sortedScores(scores)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(threshold) {
		return nil, errors.New("detect: calibrate: the threshold is NaN")
	}
	c := &Calibration{Threshold: threshold, sorted: sorted}
	c.Mean, c.Deviation = meanAndDeviation(scores)
	c.above = len(sorted) - sort.Search(len(sorted), func(i int) bool { return sorted[i] > threshold })
	return c, nil
}

// CalibrateByLabels makes a calibration from scores of rows whose labels are known, by
// logistic regression (Platt 1999, with a small penalty instead of his targets). The
// probability is a frequency, for rows of the same kind. The threshold is where it is
// one half.
func CalibrateByLabels(scores []float64, anomaly []bool) (*Calibration, error) {
	if len(scores) != len(anomaly) {
		return nil, fmt.Errorf("detect: calibrate: %d scores and %d labels", len(scores), len(anomaly))
	}
	c, err := Calibrate(scores, 0)
	if err != nil {
		return nil, err
	}
	label, anomalies := make([]int, len(scores)), 0
	x := make([]float64, len(scores))
	for i, a := range anomaly {
		if x[i] = (scores[i] - c.Mean) / c.Deviation; a {
			label[i] = 1
			anomalies++
		}
	}
	if anomalies == 0 || anomalies == len(anomaly) {
		return nil, fmt.Errorf("detect: calibrate: all %d rows are of one class: label both normal rows and anomalies", len(anomaly))
	}
	separator, err := metrics.Probe{L2: 1e-4}.Fit(x, 1, label)
	if err != nil {
		return nil, fmt.Errorf("detect: calibrate: %w", err)
	}
	w := separator.Weights // [2, classes]: the weights, then the constants
	slope, intercept := w[1]-w[0], w[3]-w[2]
	if !(slope > 0) {
		return nil, errors.New("detect: calibrate: anomalies do not score higher than normal rows: the scores tell nothing")
	}
	c.Slope = slope / c.Deviation
	c.Intercept = intercept - c.Slope*c.Mean
	c.Threshold = -c.Intercept / c.Slope
	c.above = len(c.sorted) - sort.Search(len(c.sorted), func(i int) bool { return c.sorted[i] > c.Threshold })
	return c, nil
}

// Probability is that of an anomaly, from 0 to 1.
func (c *Calibration) Probability(score float64) float64 {
	if c.Slope > 0 {
		return 1 / (1 + math.Exp(-c.Intercept-c.Slope*score))
	}
	if c.Deviation <= 0 {
		return 0
	}
	return max(0, math.Erf((score-c.Mean)/(c.Deviation*math.Sqrt2)))
}

// Confidence is the probability, from 0.5 or less to 1, that the decision about a score
// would be the same, had other rows been drawn to fit the detector and the same share of
// them lain above the threshold (Perini, Vercruyssen and Davis 2020, ExCeeD). With n
// fitted scores, of which r are at most the score and m above the threshold, and
// p = (1+r)/(2+n), an anomaly is one by more than n-m of n draws of probability p.
func (c *Calibration) Confidence(score float64) float64 {
	n := len(c.sorted)
	if n == 0 {
		return math.NaN()
	}
	below := sort.Search(n, func(i int) bool { return c.sorted[i] > score })
	p := float64(1+below) / float64(2+n)
	anomaly := 1 - distuv.Binomial{N: float64(n), P: p}.CDF(float64(n-c.above-1))
	if score > c.Threshold {
		return anomaly
	}
	return 1 - anomaly
}

// Verdict is a decision about a row.
type Verdict string

// The verdicts. A rejected row is left to a person, because the decision is not sure.
const (
	Normal   Verdict = "normal"
	Anomaly  Verdict = "anomaly"
	Rejected Verdict = "rejected"
)

// Decide is the verdict about a score, which is Rejected if its Confidence is below the
// least one. With 0, none is rejected.
func (c *Calibration) Decide(score, leastConfidence float64) Verdict {
	switch {
	case c.Confidence(score) < leastConfidence:
		return Rejected
	case score > c.Threshold:
		return Anomaly
	}
	return Normal
}
