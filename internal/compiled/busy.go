package compiled

import "errors"

// A machine is for one goroutine at a time. Every method that could mix two
// callers enters it first, and is refused while another goroutine is within.

var errBusy = errors.New("another goroutine is in this machine, which is for one at a time: " +
	"give each goroutine a machine and a graph of its own, or hold a lock from setting the inputs to reading the results")

// enter is an error of a machine that cannot run or that is in use. Without one,
// the caller is to leave.
func (m *Machine) acquire() error {
	if m == nil {
		return errNotMade
	}
	if !m.busy.CompareAndSwap(false, true) {
		return m.backend.named(errBusy)
	}
	if err := m.usable(); err != nil {
		m.release()
		return err
	}
	return nil
}

// Within calls f while no other goroutine can be in the machine.
func (m *Machine) Within(f func()) error {
	if err := m.acquire(); err != nil {
		return err
	}
	defer m.release()
	if f != nil {
		f()
	}
	return nil
}

func (m *Machine) release() { m.busy.Store(false) }
