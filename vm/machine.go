package vm

import "github.com/stheno-ml/stheno/graph"

// Backend makes machines: cpu.Config, cuda.Config and tape.Config are backends.
type Backend interface {
	// Compile makes a machine that runs the program. Several machines may run one
	// program side by side: they share its parameters and nothing else.
	Compile(p *graph.Program) (Machine, error)
}

// Machine runs one program. It is for one goroutine at a time, and says so to a
// second one; a Function is for any number.
//
// Inputs are given by name, and stay as they are until they are given again. A
// run computes the program's outputs and carries out its updates: every reader
// in it sees the old values of parameters.
type Machine interface {
	// Program returns what the machine runs.
	Program() *graph.Program

	// Feed makes x, in row-major order, the elements of the input in the runs that
	// follow. A program in float32 may read x itself, and never writes to it: leave
	// it alone while a run is in flight, and feed again after a change. A machine
	// that may have several runs in flight has read x when Start returns.
	Feed(input string, x []float32) error
	// Set makes v the value of a scalar input in the runs that follow.
	Set(input string, v float64) error
	// SetFloats copies x, in row-major order, to the input for the runs that follow.
	SetFloats(input string, x []float64) error
	// SetClock sets what the program's random numbers are counted by: the epoch, and
	// the place in its order of the batch's first sample, both from 0 to 2^32-1. A
	// program that draws none leaves it alone.
	SetClock(epoch, sample int) error

	// Start starts a run. An input that was never given is an error that names it,
	// but for those that have a value of their own. It may return while the machine
	// works. A run that fails leaves the parameters as they were.
	Start() error
	// Wait waits for the earliest run in flight. Outputs are then those of that run,
	// until the next Wait or Start.
	Wait() error
	// MaxInFlight is how many runs may be in flight at a time, at least 1.
	MaxInFlight() int

	// Number returns an output of one element, after Wait.
	Number(output string) (float64, error)
	// Read copies an output, in row-major order, to memory of as many elements.
	Read(output string, to []float32) error
	// Floats returns a copy of an output, in row-major order and full precision.
	Floats(output string) ([]float64, error)

	// Report says of each node of the program where it is computed, and why it is
	// slow, doubtful or on the host, if it is.
	Report() Report
	// Profile calls run, which runs the machine as often as it likes, and returns
	// what each step took, in the order of the steps.
	Profile(run func() error) ([]StepProfile, error)
	// Verify checks the machine on the inputs that it has now and returns a
	// *Difference that names the first node whose value is wrong. It changes no
	// parameter and no output.
	//
	// The machine computes every node by itself, and each is computed again, in
	// float64 and from the same operands, by its definition. A float32 may be off by
	// 1e-5 of the largest magnitude of the node's value, a float64 by 1e-10, plus 8
	// times what rounding in the type can come to. Then the outputs and updates, as
	// the plan computes them, must agree with the nodes computed one by one: within
	// 1e-3 or 1e-8, plus 8 times the rounding. A node that runs on the host by its
	// own Do has nothing to be compared with.
	Verify() error
	// Memory returns what the machine holds.
	Memory() Memory
	// String lists the steps.
	String() string
	// Close frees the machine; a closed machine cannot run.
	Close() error
}

// Run starts a run and waits for it. It is an error while another is in flight,
// whose outputs these would be.
func Run(m Machine) error {
	if err := m.Start(); err != nil {
		return err
	}
	return m.Wait()
}
