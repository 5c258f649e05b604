// Matrix multiplication where there is no assembly.

//go:build !amd64 || purego

package kernel

// gemmTilesFor returns no kernels: GemmGeneric is what runs.
func gemmTilesFor[F Float](ISA) *gemmTiles[F] { return nil }
