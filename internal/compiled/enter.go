package compiled

import "errors"

// A machine is for one goroutine at a time. Every method that could mix two
// callers enters it first, and is refused while another goroutine is within.

var errEntered = errors.New("another goroutine is in this machine, which is for one at a time: " +
	"give each goroutine a machine and a graph of its own, or hold a lock from setting the inputs to reading the results")

// enter is an error of a machine that cannot run or that is in use. Without one,
// the caller is to leave.
func (m *Machine) enter() error {
	if m == nil {
		return errNotMade
	}
	if !m.entered.CompareAndSwap(false, true) {
		return m.backend.named(errEntered)
	}
	if err := m.usable(); err != nil {
		m.leave()
		return err
	}
	return nil
}

// Within calls f while no other goroutine can be in the machine.
func (m *Machine) Within(f func()) error {
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	if f != nil {
		f()
	}
	return nil
}

func (m *Machine) leave() { m.entered.Store(false) }
