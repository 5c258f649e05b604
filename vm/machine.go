package vm

import "github.com/stheno-ml/stheno/graph"

// Backend creates machines: cpu.Config, cuda.Config and tape.Config are backends.
type Backend interface {
	// Compile returns a machine that runs the program. Several machines may run one
	// program at the same time: they share its parameters and nothing else.
	Compile(p *graph.Program) (Machine, error)
}

// Machine runs one program. Only one goroutine at a time may use it; a second one
// gets an error. A Function is for any number of goroutines.
//
// Inputs are set by name and keep their values until they are set again. A run
// computes the program's outputs and applies its updates. All steps of the run read
// the old values of parameters.
type Machine interface {
	// Program returns what the machine runs.
	Program() *graph.Program

	// Feed sets the elements of the input to x, in row-major order, for the following
	// runs. A program in float32 may read x without copying it, but never writes to
	// it. Do not change x while a run is in flight, and call Feed again after a change.
	// A machine that allows several runs in flight has read x when Start returns.
	Feed(input string, x []float32) error
	// Set sets a scalar input to v for the following runs.
	Set(input string, v float64) error
	// SetFloats copies x, in row-major order, to the input for the following runs.
	SetFloats(input string, x []float64) error
	// SetClock sets the counter of the program's random numbers: the epoch, and the
	// position of the batch's first sample in the epoch's order, both from 0 to 2^32-1.
	// A program that draws no random numbers ignores it.
	SetClock(epoch, sample int) error

	// Start starts a run and may return before it ends. If an input without a default
	// was never set, the error names it. A run that fails leaves the parameters as they
	// were.
	Start() error
	// Wait waits for the earliest run in flight. The outputs are then those of that
	// run, until the next Wait or Start.
	Wait() error
	// MaxInFlight is how many runs may be in flight at the same time, at least 1.
	MaxInFlight() int

	// Number returns an output of one element, after Wait.
	Number(output string) (float64, error)
	// Read copies an output, in row-major order. to must have as many elements.
	Read(output string, to []float32) error
	// Floats returns a copy of an output, in row-major order and full precision.
	Floats(output string) ([]float64, error)

	// Report says for each node of the program where it is computed, and whether and
	// why it is doubtful or runs on the host.
	Report() Report
	// Profile calls run, which may run the machine any number of times, and returns
	// the time of each step, in the order of the steps.
	Profile(run func() error) ([]StepProfile, error)
	// Verify checks the machine on its current inputs. It returns a *Difference that
	// names the first node whose value is wrong. It changes no parameter and no output.
	//
	// The machine computes every node separately, without fusion. Each node is then
	// computed again by its definition, in float64 and from the same operands. The
	// results may differ by 1e-5 (float32) or 1e-10 (float64) of the largest magnitude
	// of the node's value, plus 8 times the estimated rounding error of the type. Then
	// the outputs and updates, as the plan computes them, must agree with the nodes
	// computed separately: within 1e-3 or 1e-8, plus 8 times the rounding error. A node
	// that runs on the host by its own Do is not checked.
	Verify() error
	// Memory returns how much memory the machine holds.
	Memory() Memory
	// String lists the steps.
	String() string
	// Close frees the machine; a closed machine cannot run.
	Close() error
}

// Run starts a run and waits for it. While another run is in flight it returns an
// error, because the outputs would be those of that run.
func Run(m Machine) error {
	if err := m.Start(); err != nil {
		return err
	}
	return m.Wait()
}
