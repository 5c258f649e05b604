package train

import (
	"maps"
	"slices"
	"time"
)

// logRow is a row of a log: the numbers of an epoch or of a step.
type logRow struct {
	after   string // rowOfStep or rowOfEpoch
	epoch   int
	step    int
	numbers []logNumber
}

// What a row is for.
const (
	rowOfStep  = "step"
	rowOfEpoch = "epoch"
)

// The names of a row's first entries.
const (
	columnAfter = "after"
	columnEpoch = "epoch"
	columnStep  = "step"
)

// logNumber is a number with its name.
type logNumber struct {
	name  string
	value float64
}

// meter measures the speed of training.
type meter struct {
	begin, last       time.Time
	epoch, sinceSteps int // samples in the epoch, and since the last row of a step
}

func (m *meter) start() { *m = meter{begin: time.Now(), last: time.Now()} }

// count counts the samples of a step.
func (m *meter) count(r *Run) {
	m.epoch += r.Samples
	m.sinceSteps += r.Samples
}

// stepRow is the row of the latest step.
func (m *meter) stepRow(r *Run) logRow {
	now := time.Now()
	row := logRow{after: rowOfStep, epoch: r.Epoch.Epoch, step: r.Steps}
	row.add("seconds", now.Sub(m.begin).Seconds())
	row.addSpeed(m.sinceSteps, now.Sub(m.last))
	m.last, m.sinceSteps = now, 0
	row.add(Loss, r.Loss())
	for i, name := range r.Names() {
		row.add(name, r.Values[i])
	}
	row.addScalars(r)
	return row
}

// epochRow is the row of the epoch just completed.
func (m *meter) epochRow(r *Run) logRow {
	row := logRow{after: rowOfEpoch, epoch: r.Epoch.Epoch, step: r.Steps}
	row.add("seconds", time.Since(m.begin).Seconds())
	row.addSpeed(m.epoch, r.Epoch.Took)
	m.epoch = 0
	row.addAll("", r.Epoch.Metrics)
	row.addAll("validation ", r.Epoch.Validation)
	row.addScalars(r)
	row.addAll("", r.Epoch.Extra)
	return row
}

// add adds a number, unless there is one of that name.
func (l *logRow) add(name string, v float64) {
	if !slices.ContainsFunc(l.numbers, func(n logNumber) bool { return n.name == name }) {
		l.numbers = append(l.numbers, logNumber{name, v})
	}
}

func (l *logRow) addAll(prefix string, m map[string]float64) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		l.add(prefix+name, m[name])
	}
}

func (l *logRow) addScalars(r *Run) {
	for _, s := range r.scalars {
		l.add(s.input, s.value)
	}
}

func (l *logRow) addSpeed(samples int, took time.Duration) {
	if took > 0 {
		l.add("samples/s", float64(samples)/took.Seconds())
	}
}

// seenBy reports whether a training that is resumed has the step or the epoch of a row
// behind it.
func (l logRow) seenBy(r *Run) bool {
	if l.after == rowOfStep {
		return l.step <= r.Steps
	}
	h := r.History()
	return len(h) > 0 && l.epoch <= h[len(h)-1].Epoch
}
