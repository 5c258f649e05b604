package emu

import (
	"encoding/binary"
	"math"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// need skips a test if there is no compiler for kernels.
func need(t testing.TB) {
	t.Helper()
	if _, err := compiler(); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("addr2line"); err != nil {
		t.Skip("the emulator needs addr2line of binutils to name lines")
	}
}

func floats(xs []float32) []byte {
	b := make([]byte, 0, 4*len(xs))
	for _, x := range xs {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func asFloats(b []byte) []float32 {
	xs := make([]float32, len(b)/4)
	for i := range xs {
		xs[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return xs
}

func ramp(n int) []float32 {
	xs := make([]float32, n)
	for i := range xs {
		xs[i] = float32(i%17) - 8 + float32(i)/1024
	}
	return xs
}

func TestAdd(t *testing.T) {
	need(t)
	const n = 1000
	x, y := ramp(n), ramp(n)
	memory := [][]byte{floats(x), floats(y), make([]byte, 4*n)}
	source := `
extern "C" __global__ void __launch_bounds__(256) add(const float* __restrict__ a, const float* __restrict__ b, float* c) {
	unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < 1000u) c[i] = a[i] + b[i];
}`
	require.NoError(t, Config{Unset: []int{2}}.Exec(source, []Launch{{"add", 4, 256, []Arg{{0, 0}, {1, 0}, {2, 0}}}}, memory))
	for i, got := range asFloats(memory[2]) {
		require.Equal(t, x[i]+y[i], got)
	}
}
