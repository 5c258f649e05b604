// Package tape runs programs on Gorgonia's own TapeMachine, behind the interface
// of every machine. It is the oracle in tests and the baseline in benchmarks.
package tape
