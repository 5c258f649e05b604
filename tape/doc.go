// Package tape runs programs on Gorgonia's own TapeMachine, as a vm.Backend. It is
// the oracle in tests and the baseline in benchmarks.
package tape
