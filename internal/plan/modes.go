package plan

import (
	"reflect"

	"gorgonia.org/gorgonia"
)

// Modes are whether Gorgonia's ops that have a training mode train, as one
// machine sees them. The op's own flag is shared by all machines of a graph, so
// it is not asked until the program changes it: then it holds.
type Modes struct {
	train bool
	ops   map[uintptr]*mode // by the flag's address
}

// mode is that of one op.
type mode struct {
	flag   reflect.Value
	seen   bool // what the flag was
	trains bool
}

// NewModes returns modes in which every op trains, or none does.
func NewModes(train bool) *Modes { return &Modes{train, map[uintptr]*mode{}} }

// trains reports whether the op with that flag trains now. Without modes it is
// what the flag says.
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

// flags are the names of the fields that are an op's mode, by the op's kind.
var flags = map[string]string{
	"BatchNormOp":     "training",
	"batchnormDiffOp": "training",
	"dropoutOp":       "isTraining",
	"dropoutDiffOp":   "isTraining",
}

// Begin tells an op in which mode the machine is that begins with these modes.
// One that is to train is told, for it begins anew by that, and so is one whose
// flag cannot be read. Any other is left alone: machines that train share it.
func (m *Modes) Begin(op gorgonia.Op) error {
	t, ok := op.(gorgonia.TrainModeOp)
	if _, readable := flags[KindOf(op)]; !ok || readable && !m.train {
		return nil
	}
	return t.SetTraining(m.train)
}
