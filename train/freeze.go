package train

import (
	"fmt"
	"strings"
)

// Freeze keeps weights as they are.
type Freeze struct {
	// Names are patterns for the names of weights; see graph.Task.Trains. None starts
	// with "!".
	Names []string
	// Until is the number of epochs after which the weights are trained as well,
	// counted over all training of the parameters; 0 means that they stay frozen.
	Until int
}

// phase returns the number of epochs after which the weights that are frozen in an
// epoch, counted from 0, last changed.
func (o Options) phase(epoch int) int {
	phase := 0
	for _, f := range o.Freeze {
		if f.Until <= epoch {
			phase = max(phase, f.Until)
		}
	}
	return phase
}

// trains returns the patterns of a task in a phase.
func (o Options) trains(patterns []string, phase int) []string {
	out := append([]string(nil), patterns...)
	for _, f := range o.Freeze {
		if f.Until > 0 && f.Until <= phase {
			continue
		}
		for _, name := range f.Names {
			out = append(out, "!"+name)
		}
	}
	return out
}

func checkFreeze(all []Freeze) error {
	for _, f := range all {
		if len(f.Names) == 0 || f.Until < 0 {
			return fmt.Errorf("Options.Freeze: the weights %q until epoch %d: want patterns, and no negative epoch", f.Names, f.Until)
		}
		for _, name := range f.Names {
			if name == "" || strings.HasPrefix(name, "!") {
				return fmt.Errorf("Options.Freeze: the pattern %q: want one for the names of weights, such as \"encoder/*\"", name)
			}
		}
	}
	return nil
}
