// Package interp interprets the functions of package lower, in float32 or float64. In
// float64 it is the reference for testing the lowering of an op. In float32 it runs ops
// on a machine without a compiler. The order of its sums depends only on the shapes, so
// results do not depend on the number of threads.
//
// The CPU engine uses parts of it where it has no kernels: tiles of convolutions, planes
// of pools, rows of recurrent cells.
package interp
