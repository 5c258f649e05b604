package plan

import (
	"reflect"

	"gorgonia.org/gorgonia"
)

// Modes says for one machine which of Gorgonia's ops train. All machines of a graph
// share an op's own flag, so a machine ignores the flag until the program changes it.
type Modes struct {
	train bool
	ops   map[uintptr]*mode // by the flag's address
}

// mode is the mode of one op.
type mode struct {
	flag   reflect.Value
	seen   bool // the flag's last value
	trains bool
}

// NewModes returns modes in which all ops train, or none.
func NewModes(train bool) *Modes { return &Modes{train, map[uintptr]*mode{}} }

// trains reports whether the op with that flag trains. Without modes, the flag
// decides.
func (m *Modes) trains(flag reflect.Value) bool {
	if m == nil || !flag.CanAddr() {
		return flag.Bool()
	}
	at := flag.Addr().Pointer()
	o := m.ops[at]
	if o == nil {
		o = &mode{flag, flag.Bool(), m.train}
		m.ops[at] = o
	}
	if now := flag.Bool(); now != o.seen {
		o.seen, o.trains = now, now
	}
	return o.trains
}

// flags has the name of the field with an op's mode, by the op's kind.
var flags = map[string]string{
	"BatchNormOp":     "training",
	"batchnormDiffOp": "training",
	"dropoutOp":       "isTraining",
	"dropoutDiffOp":   "isTraining",
}

// Begin sets the mode of an op for a machine that starts with these modes. It calls
// SetTraining if the machine trains, because that resets the op's statistics, and if
// the flag cannot be read. It leaves any other op alone, because machines that train
// share it.
func (m *Modes) Begin(op gorgonia.Op) error {
	t, ok := op.(gorgonia.TrainModeOp)
	if _, readable := flags[KindOf(op)]; !ok || readable && !m.train {
		return nil
	}
	return t.SetTraining(m.train)
}
