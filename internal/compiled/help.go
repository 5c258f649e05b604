package compiled

import (
	"errors"

	"github.com/stheno-ml/stheno/vm"
)

var _ vm.Helper = (*Program)(nil)

// Help calls work on the machine's workers, or on the caller alone if it has none.
func (m *Program) Help(work func()) error {
	if work == nil {
		return errors.New("help: there is no work to do")
	}
	if err := m.m.acquire(); err != nil {
		return err
	}
	defer m.m.release()
	if t := (workers{m.m}).team(); t != nil {
		t.Run(helping(work), t.Size())
	} else {
		work()
	}
	return nil
}

// helping is a task whose parts are all the same.
type helping func()

// Do does one part.
func (h helping) Do(int, int) { h() }
