package data

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// bounded runs f and checks that all memory it takes, freed or not, is at most perByte for each of n bytes of input, and
// beyond that free bytes.
func bounded(t testing.TB, n, perByte, free int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(n*perByte+free), "bytes for an input of %d", n)
}

// unpackedFree is how many bytes reading a compressed file may take whatever its size: what it unpacks to, as float32
// numbers, in buffers that grow and in an array with the axes in another order.
const unpackedFree = unpackFreely * 4 * 8
