package compiled

import "errors"

// Only one goroutine at a time may use a machine. Every method that two callers could
// disturb acquires the machine first, and fails while another goroutine has it.

var errBusy = errors.New("another goroutine is using this machine: " +
	"give each goroutine its own machine and graph, or hold a lock from setting the inputs to reading the results")

// acquire returns an error if the machine cannot run or is in use. Otherwise the caller
// must release the machine.
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

// Within calls f while no other goroutine can use the machine.
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
