package train

import (
	"fmt"
	"time"
)

// limits say when training ends. Steps are counted from the start of the training, also
// those before it was resumed.
type limits struct {
	epochs int       // 0 means no limit
	steps  int       // 0 means that their number is not known
	until  time.Time // zero means no limit
}

// limits returns when a training on batches ends; perEpoch is 0 if it is not known.
func (o Options) limits(perEpoch int) (limits, error) {
	l := limits{epochs: o.Epochs, steps: o.Steps}
	if l.epochs == 0 && l.steps == 0 && o.MaxTime == 0 {
		l.epochs = 1
	}
	if all := l.epochs * perEpoch; all > 0 && (l.steps == 0 || all < l.steps) {
		l.steps = all
	}
	if l.steps == 0 && len(o.Schedules) > 0 {
		return l, fmt.Errorf("the schedules need the number of steps, which is not known here: set Options.Steps")
	}
	return l, nil
}

// DryRun reports whether training only tries itself; see Options.DryRun. Callbacks then
// write no files.
func (r *Run) DryRun() bool { return r.f.o.DryRun > 0 }

// reached returns why no further step may start, or "".
func (f *fitting) reached() string {
	switch {
	case f.stopped != "" && f.started >= f.stopAt:
		return f.stopped
	case f.plan.steps > 0 && f.started >= f.plan.steps:
		return finished
	case f.plan.epochs > 0 && f.batches.Position().Epoch-f.firstEpoch >= f.plan.epochs:
		return finished
	case f.timeIsUp():
		return timeIsUp
	}
	return ""
}

// timeIsUp reports whether Options.MaxTime has passed, on any rank.
func (f *fitting) timeIsUp() bool {
	if f.o.ranks != nil {
		return f.o.ranks.timeUp
	}
	return !f.plan.until.IsZero() && !time.Now().Before(f.plan.until)
}

// Why training ended, apart from the reasons of callbacks.
const (
	finished = "all steps are done"
	timeIsUp = "Options.MaxTime has passed"
)
