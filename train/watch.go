package train

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/vm"
)

// Watch is a callback that guards against steps that spoil the weights. It ends
// training with a *Spike error when the loss of a step is far above those before it:
// above
//
//	m + (Factor-1) s
//
// where m is the median and s the mean magnitude of the last Window losses, so that for
// positive losses it is about Factor times the usual loss. Until there are Window losses,
// no loss is too high.
//
// With GoBack, training does not end. After a spike, and after a step with a NaN or an
// infinity, it goes back to the last checkpoint and leaves out the batches up to the one
// that failed (as Chowdhery et al. 2022, section 5.1, did by hand). This needs
// Options.Checkpoints. Result.Skipped lists the steps that were undone.
type Watch struct {
	Base
	// Factor is how many times the usual loss is too high, above 1; 0 means 10.
	Factor float64
	// Window is the number of losses that are remembered; 0 means 50.
	Window int
	// GoBack goes back to the last checkpoint.
	GoBack bool
	// Most is how often training may go back; 0 means 3. Then the next failure ends it.
	Most int

	state watchState
}

// watchState holds the last losses.
type watchState struct {
	Losses []number `json:"losses"`
	Next   int      `json:"next"` // the place of the next loss
}

// Spike is the error of a step whose loss is too high. The weights are those after the
// step, or after the next one.
type Spike struct {
	Epoch, Step int     // counted from 1, the step in the epoch
	Loss        float64 // of the step
	Usual       float64 // the median of the losses before it
}

// Error names the step and its loss.
func (s *Spike) Error() string {
	return fmt.Sprintf("epoch %d, step %d: the loss is %g, after losses around %g: try a smaller learning rate, clip gradients, look for outliers in the data, or set Watch.GoBack, which leaves out such batches",
		s.Epoch, s.Step, s.Loss, s.Usual)
}

// State returns the state that checkpoints hold.
func (w *Watch) State() any { return &w.state }

// Start checks the settings.
func (w *Watch) Start(r *Run) error {
	if r.Steps == 0 {
		w.state = watchState{}
	}
	switch {
	case !(w.factor() > 1) || math.IsInf(w.factor(), 0):
		return fmt.Errorf("a factor of %g: want one above 1, or 0 for 10", w.Factor)
	case w.Window < 0 || w.Most < 0:
		return fmt.Errorf("a window of %d losses, going back %d times: neither can be negative", w.Window, w.Most)
	case w.GoBack && r.f.saver == nil:
		return errors.New("going back needs checkpoints: set Options.Checkpoints")
	}
	return nil
}

func (w *Watch) factor() float64 { return cmp.Or(w.Factor, 10) }

// Step compares the loss with the last ones.
func (w *Watch) Step(r *Run) error {
	s, window := &w.state, cmp.Or(w.Window, 50)
	loss := r.Loss()
	if len(s.Losses) < window {
		s.Losses = append(s.Losses, number(loss))
		return nil
	}
	median, magnitude := usual(s.Losses)
	if loss > median+(w.factor()-1)*magnitude {
		at := r.f.last
		return &Spike{Epoch: at.epoch + 1, Step: at.first/r.f.o.Batch + 1, Loss: loss, Usual: median}
	}
	s.Losses[s.Next] = number(loss)
	s.Next = (s.Next + 1) % len(s.Losses)
	return nil
}

// usual returns the median and the mean magnitude of losses.
func usual(losses []number) (median, magnitude float64) {
	sorted := slices.Sorted(slices.Values(losses))
	for _, v := range sorted {
		magnitude += math.Abs(float64(v)) / float64(len(sorted))
	}
	mid := len(sorted) / 2
	return float64(sorted[mid]+sorted[(len(sorted)-1)/2]) / 2, magnitude
}

// Rewind says that training goes back after a spike, a NaN or an infinity.
func (w *Watch) Rewind(r *Run, failed error) bool {
	known := errors.As(failed, new(*Spike)) || errors.As(failed, new(*NonFinite)) || errors.As(failed, new(*vm.NonFinite))
	if !w.GoBack || !known {
		return false
	}
	if most := cmp.Or(w.Most, 3); len(r.Skipped()) >= most {
		r.Warn("training went back %d times, which is the most that Watch allows", most)
		return false
	}
	return true
}
