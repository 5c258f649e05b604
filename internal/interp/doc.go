// Package interp interprets the functions of package lower, in float32 or float64.
// In float64 it is the reference against which an op's lowering is checked; in
// float32 it is how an op runs on a machine that has no compiler. It sums in an
// order that depends on shapes alone, so results do not depend on the number of
// threads.
//
// Some of its parts serve the CPU engine where it has no kernels: tiles of
// convolutions, planes of pools, rows of recurrent cells.
package interp
