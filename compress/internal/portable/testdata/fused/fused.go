// Package fused has a product that Go may fuse with a sum.
package fused

// Add is x y + z.
func Add(x, y, z float64) float64 { return x*y + z }
