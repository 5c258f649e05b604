package train

import (
	"fmt"
	"math"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// NonFinite is the error of a training that ran into a NaN or an infinity. The
// parameters are those before the step in which it arose.
type NonFinite struct {
	Epoch, Step int     // counted from 1, the step in the epoch
	Task        string  // whose loss is not finite; "" if all losses are
	Loss        float64 // of that task, or else of the first
	Param       string  // the first parameter that is not finite after the step; "" if all are
	// Passed says that the step was taken again, and all was finite that time:
	// the data or the machine do not repeat themselves. Then the parameters are
	// those after it.
	Passed bool
}

// Error names the step, the task and the parameter, and says what to try.
func (e *NonFinite) Error() string {
	what := fmt.Sprintf("the loss of task %q is %g", e.Task, e.Loss)
	switch {
	case e.Task == "" && e.Param == "":
		what = "something is not finite"
	case e.Task == "":
		what = fmt.Sprintf("the loss is %g, and parameter %q is not finite after the step", e.Loss, e.Param)
	case e.Param != "":
		what += fmt.Sprintf(", and parameter %q is not finite after the step", e.Param)
	}
	left := "parameters are as before the step"
	if e.Passed {
		left = "the step was taken again, and all was finite: the data or the machine do not repeat themselves"
	}
	return fmt.Sprintf("epoch %d, step %d: %s: %s: try a smaller learning rate, look for values far out of range in the data, or train on a backend that watches, such as cpu.Config{Watch: true}, which names the node that it arose in",
		e.Epoch, e.Step, what, left)
}

// finite tells whether v is neither NaN nor infinite.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// backup is a copy of all parameters at some place of the training, to go back to.
// It is taken anew after a while, so that what it takes is a small part of the
// time, and what there is to do again is little.
type backup struct {
	params *graph.Params
	of     []saved
	at     data.Position // of the batches
	took   time.Duration // to make
	last   time.Time     // when it was made
	least  time.Duration // between two
}

// saved is the copy of a parameter, of one type or the other.
type saved struct {
	param    *graph.Param
	float32s []float32
	float64s []float64
}

const (
	// backupShare is how many times as long as a copy takes there is none.
	backupShare = 200
	backupLeast = time.Second
)

// due tells whether it is time for a copy.
func (b *backup) due() bool {
	return time.Since(b.last) >= max(b.least, backupShare*b.took)
}

// take copies the parameters as they are now. No run may be in flight.
func (b *backup) take(at data.Position) error {
	start := time.Now()
	if err := b.params.Sync(); err != nil {
		return err
	}
	lock := b.params.Running()
	lock.RLock()
	defer lock.RUnlock()
	for i, p := range b.params.All() {
		if i == len(b.of) {
			b.of = append(b.of, saved{param: p})
		}
		s, v := &b.of[i], p.Value()
		if b.params.Dtype() == graph.Float64 {
			s.float64s = append(s.float64s[:0], v.Float64s()...)
		} else {
			s.float32s = append(s.float32s[:0], v.Float32s()...)
		}
	}
	b.at, b.last = at, time.Now()
	b.took = b.last.Sub(start)
	return nil
}

// restore makes the parameters what they were when the copy was taken.
func (b *backup) restore() error {
	if err := b.params.Sync(); err != nil {
		return err
	}
	lock := b.params.Running()
	lock.Lock()
	defer lock.Unlock()
	for _, s := range b.of {
		v := s.param.Value()
		if s.float64s != nil {
			copy(v.Float64s(), s.float64s)
		} else {
			copy(v.Float32s(), s.float32s)
		}
		s.param.Touch()
	}
	return nil
}

// broken names the first parameter that has a NaN or an infinity where the copy
// has none, "" if there is none. No run may be in flight.
func (b *backup) broken() (string, error) {
	if err := b.params.Sync(); err != nil {
		return "", err
	}
	lock := b.params.Running()
	lock.RLock()
	defer lock.RUnlock()
	for i, p := range b.params.All() {
		var s saved
		if i < len(b.of) {
			s = b.of[i]
		}
		if !whole(p, s) {
			return p.Name(), nil
		}
	}
	return "", nil
}

// whole tells whether a parameter is finite wherever a copy of it is.
func whole(p *graph.Param, s saved) bool {
	v := p.Value()
	if v.Dtype() == graph.Float64 {
		x := v.Float64s()
		return allFinite64(x) || sameFlaws(x, s.float64s)
	}
	x := v.Float32s()
	return allFinite32(x) || sameFlaws(x, s.float32s)
}

// allFinite32 tells whether no element is NaN or infinite: none has all bits of
// the exponent set, to which adding one more carries into the sign.
func allFinite32(x []float32) bool {
	var carry uint32
	for _, v := range x {
		carry |= math.Float32bits(v)&0x7f800000 + 0x00800000
	}
	return carry>>31 == 0
}

func allFinite64(x []float64) bool {
	var carry uint64
	for _, v := range x {
		carry |= math.Float64bits(v)&(0x7ff<<52) + 1<<52
	}
	return carry>>63 == 0
}

// sameFlaws tells whether x is finite wherever a copy is.
func sameFlaws[T float32 | float64](x, before []T) bool {
	for i, v := range x {
		if !finite(float64(v)) && (i >= len(before) || finite(float64(before[i]))) {
			return false
		}
	}
	return true
}
