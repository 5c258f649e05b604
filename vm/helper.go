package vm

// Helper is a machine whose workers can do other work between runs, such as reading the
// next batch: while it runs, they keep the processors busy.
type Helper interface {
	Machine
	// Help calls work on all workers at once, one of which is the caller, and returns
	// when all calls have returned. No run may be in flight.
	Help(work func()) error
}
