//go:build !gpu

package code

import "testing"

// compile does nothing: with the tag gpu it compiles a source with NVRTC.
func compile(testing.TB, string) {}
