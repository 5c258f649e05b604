// The consensus of several detectors.

package detect

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
)

// Combine says how the scores of detectors are brought to one scale before their mean is
// taken.
type Combine string

const (
	// ByDeviation takes the mean of the fitted rows' scores from a score, and divides by
	// their standard deviation.
	ByDeviation Combine = "deviation"
	// ByRank takes the share of the fitted rows that have a lower score. It does not tell
	// two rows apart that are stranger than all of these.
	ByRank Combine = "rank"
)

// Member is a detector of a Consensus.
type Member struct {
	Detector Detector
	// Weight is above 0; 0 means 1.
	Weight float64
}

// Consensus scores a row by the weighted mean of the scores of several detectors. It is
// rarely the best of them, and rarely far from it.
type Consensus struct {
	// Members are the detectors; nil means those of Default.
	Members []Member
	// Combine is how scores are combined; "" means ByDeviation.
	Combine Combine
}

// String names the members.
func (d Consensus) String() string {
	var names []string
	for _, m := range d.members() {
		if m.Detector != nil {
			names = append(names, m.Detector.String())
		}
	}
	return "consensus of " + strings.Join(names, ", ")
}

func (d Consensus) members() []Member {
	if d.Members == nil {
		return Default().Members
	}
	return d.Members
}

// Fit fits all members.
func (d Consensus) Fit(ctx context.Context, t *Table, o Options) (Model, error) {
	if d.Combine != "" && d.Combine != ByDeviation && d.Combine != ByRank {
		return nil, fmt.Errorf("detect: Consensus: Combine is %q, want %q or %q", d.Combine, ByDeviation, ByRank)
	}
	if len(d.members()) == 0 {
		return nil, errors.New("detect: Consensus: no members: leave Members nil for the default ones")
	}
	m := &consensus{byRank: d.Combine == ByRank}
	for _, member := range d.members() {
		if err := m.add(ctx, member, t, o); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	return m, nil
}

// consensus has the models of the members.
type consensus struct {
	byRank bool
	of     []weighted
}

type weighted struct {
	Model
	weight          float64
	mean, deviation float64   // of the fitted rows' scores
	sorted          []float64 // the fitted rows' scores, for ByRank
}

func (c *consensus) add(ctx context.Context, member Member, t *Table, o Options) error {
	if member.Detector == nil || !(member.Weight >= 0) || math.IsInf(member.Weight, 1) {
		return fmt.Errorf("detect: Consensus: member %d has the weight %g: want a Detector and a weight above 0", len(c.of)+1, member.Weight)
	}
	o.progress(member.Detector.String())
	m, err := member.Detector.Fit(ctx, t, o)
	if err != nil {
		return err
	}
	w := weighted{Model: m, weight: member.Weight}
	if w.weight == 0 {
		w.weight = 1
	}
	c.of = append(c.of, w)
	scores, err := m.Score(t)
	if err != nil {
		return err
	}
	last := &c.of[len(c.of)-1]
	last.mean, last.deviation = meanAndDeviation(scores)
	if c.byRank {
		sort.Float64s(scores)
		last.sorted = scores
	}
	return nil
}

// meanAndDeviation of numbers; a deviation of 0 is 1.
func meanAndDeviation(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean) / float64(len(x))
	}
	if deviation = math.Sqrt(deviation); deviation == 0 {
		deviation = 1
	}
	return mean, deviation
}

// scaled brings a member's score to the common scale.
func (w *weighted) scaled(score float64) float64 {
	if w.sorted == nil {
		return (score - w.mean) / w.deviation
	}
	below := sort.SearchFloat64s(w.sorted, score)
	equal := sort.Search(len(w.sorted)-below, func(i int) bool { return w.sorted[below+i] > score })
	return (float64(below) + float64(equal)/2) / float64(len(w.sorted))
}

// Score returns the weighted means.
func (c *consensus) Score(t *Table) ([]float64, error) {
	mean, total := make([]float64, t.Len()), 0.0
	for k := range c.of {
		w := &c.of[k]
		scores, err := w.Model.Score(t)
		if err != nil {
			return nil, err
		}
		for i, s := range scores {
			mean[i] += w.weight * w.scaled(s)
		}
		total += w.weight
	}
	for i := range mean {
		mean[i] /= total
	}
	return mean, nil
}

// Explain returns the weighted means of the members' shares. What is expected is what
// the member with the greatest share of a column expects.
func (c *consensus) Explain(t *Table, row int) ([]Part, error) {
	var mean []Part
	total, most := 0.0, []float64(nil)
	for k := range c.of {
		w := &c.of[k]
		parts, err := w.Model.Explain(t, row)
		if err != nil {
			return nil, err
		}
		if mean == nil {
			mean, most = make([]Part, len(parts)), make([]float64, len(parts))
		}
		for j, p := range parts {
			share := mean[j].Share
			if k == 0 || p.Share > most[j] {
				mean[j], most[j] = p, p.Share
			}
			mean[j].Share = share + w.weight*p.Share
			total += w.weight * p.Share
		}
	}
	for j := range mean {
		if total > 0 {
			mean[j].Share /= total
		}
	}
	return mean, nil
}

// Close closes all members.
func (c *consensus) Close() error {
	var errs []error
	for _, w := range c.of {
		errs = append(errs, w.Model.Close())
	}
	return errors.Join(errs...)
}
