package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
)

// NonFinite is the error of a training in which a NaN or an infinity arose. The
// parameters are as they were before that step.
type NonFinite struct {
	Epoch, Step int     // counted from 1, the step in the epoch
	Task        string  // the task whose loss is not finite; "" if all losses are finite
	Loss        float64 // the loss of that task, or of the first task if Task is ""
	Param       string  // the first parameter that is not finite after the step; "" if all are finite
	// Passed reports that the step succeeded when it was repeated: the data or the
	// machine are not deterministic. The parameters are then those after the step.
	Passed bool
}

// Error names the step, the task and the parameter, and says what to try.
func (e *NonFinite) Error() string {
	cause := fmt.Sprintf("the loss of task %q is %g", e.Task, e.Loss)
	switch {
	case e.Task == "" && e.Param == "":
		cause = "something is not finite"
	case e.Task == "":
		cause = fmt.Sprintf("the loss is %g, and parameter %q is not finite after the step", e.Loss, e.Param)
	case e.Param != "":
		cause += fmt.Sprintf(", and parameter %q is not finite after the step", e.Param)
	}
	state := "the parameters are as they were before the step"
	if e.Passed {
		state = "the step was repeated, and then all numbers were finite: the data or the machine are not deterministic"
	}
	return fmt.Sprintf("epoch %d, step %d: %s: %s: try a smaller learning rate, look for values far out of range in the data, or train on a backend with Watch set, such as cpu.Config{Watch: true}, which names the node where it arose",
		e.Epoch, e.Step, cause, state)
}

// finite reports whether v is neither NaN nor infinite.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// backup is a copy of all parameters at some point of the training, to roll back to.
// It is renewed from time to time: rarely enough that copying takes a small part of
// the time, often enough that few steps have to be repeated.
type backup struct {
	params      *graph.Params
	saved       []savedParam
	at          data.Position // of the batches when it was made
	steps       int           // started before it was made
	took        time.Duration // time to make it
	last        time.Time     // when it was made
	minInterval time.Duration // between two copies
}

// savedParam is the copy of a parameter, as float32 or as float64.
type savedParam struct {
	param    *graph.Param
	float32s []float32
	float64s []float64
}

const (
	// backupRatio is the least time between two copies, in units of the time that one takes.
	backupRatio           = 200
	defaultBackupInterval = time.Second
)

// due reports whether it is time for a new copy.
func (b *backup) due() bool {
	return time.Since(b.last) >= max(b.minInterval, backupRatio*b.took)
}

// save copies the parameters. No run may be in flight.
func (b *backup) save(at data.Position, steps int) error {
	start := time.Now()
	if err := b.params.Sync(); err != nil {
		return err
	}
	lock := b.params.Running()
	lock.RLock()
	defer lock.RUnlock()
	for i, p := range stepParams(b.params) {
		if i == len(b.saved) {
			b.saved = append(b.saved, savedParam{param: p})
		}
		s, v := &b.saved[i], p.Value()
		if b.params.Dtype() == graph.Float64 {
			s.float64s = append(s.float64s[:0], v.Float64s()...)
		} else {
			s.float32s = append(s.float32s[:0], v.Float32s()...)
		}
	}
	b.at, b.steps, b.last = at, steps, time.Now()
	b.took = b.last.Sub(start)
	return nil
}

// restore sets the parameters to the copy.
func (b *backup) restore() error {
	if err := b.params.Sync(); err != nil {
		return err
	}
	lock := b.params.Running()
	lock.Lock()
	defer lock.Unlock()
	for _, s := range b.saved {
		v := s.param.Value()
		if s.float64s != nil {
			copy(v.Float64s(), s.float64s)
		} else {
			copy(v.Float32s(), s.float32s)
		}
		s.param.Storage(storage.Access{}).MarkHostChanged()
	}
	return nil
}

// stepParams are the parameters that change with the steps: all but the best weights so
// far, which EarlyStopping keeps.
func stepParams(p *graph.Params) []*graph.Param {
	return slices.DeleteFunc(p.All(), func(q *graph.Param) bool { return strings.HasPrefix(q.Name(), bestState+"/") })
}

// copyParam sets the elements of a parameter to those of another of the same shape and
// type. Both are up to date, and no run is in flight.
func copyParam(to, from *graph.Param) {
	if v := from.Value(); v.Dtype() == graph.Float64 {
		copy(to.Value().Float64s(), v.Float64s())
	} else {
		copy(to.Value().Float32s(), v.Float32s())
	}
	to.Storage(storage.Access{}).MarkHostChanged()
}

// firstNonFinite names the first parameter with a NaN or an infinity where the copy
// has a finite number, or "". No run may be in flight.
func (b *backup) firstNonFinite() (string, error) {
	if err := b.params.Sync(); err != nil {
		return "", err
	}
	lock := b.params.Running()
	lock.RLock()
	defer lock.RUnlock()
	for i, p := range stepParams(b.params) {
		var s savedParam
		if i < len(b.saved) {
			s = b.saved[i]
		}
		if !stillFinite(p, s) {
			return p.Name(), nil
		}
	}
	return "", nil
}

// stillFinite reports whether a parameter is finite wherever its copy is.
func stillFinite(p *graph.Param, s savedParam) bool {
	v := p.Value()
	if v.Dtype() == graph.Float64 {
		x := v.Float64s()
		return allFinite64(x) || noNewNonFinite(x, s.float64s)
	}
	x := v.Float32s()
	return allFinite32(x) || noNewNonFinite(x, s.float32s)
}

// allFinite32 reports whether no element is NaN or infinite. Those have all bits of
// the exponent set, so adding one to the exponent carries into the sign bit.
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

// noNewNonFinite reports whether x is finite wherever before is.
func noNewNonFinite[T float32 | float64](x, before []T) bool {
	for i, v := range x {
		if !finite(float64(v)) && (i >= len(before) || finite(float64(before[i]))) {
			return false
		}
	}
	return true
}
