package emu

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fault is a kernel k with one fault, and what the emulator says about it. It
// runs over buffer 0, which is set, and buffer 1, which is not: 256 floats
// each.
type fault struct {
	name, source string
	grid, block  int
	says         []string
	loose        bool // found without strict checks too
}

var faults = []fault{
	{name: "global read past the end", block: 64, says: []string{"block 0, thread 63", "reads 4 bytes", "0 bytes past the end of buffer 0 (1024 bytes)", "line 3"},
		source: `y[i] = x[i + 193];`},
	{name: "global read before the start", block: 64, says: []string{"block 0, thread 0", "4 bytes before the start of buffer 0"},
		source: `y[i] = x[i - 1];`},
	{name: "global write past the end", grid: 5, block: 64, says: []string{"block 4, thread 0", "writes 4 bytes", "past the end of buffer 1"},
		source: `y[i] = 1;`},
	{name: "null pointer", block: 1, says: []string{"null"},
		source: `real* p = 0; asm("" : "+r"(p)); y[i] = *p;`},
	{name: "host pointer", block: 1, says: []string{"reads 4 bytes", "memory of the host"},
		source: `real* p = (real*)__builtin_frame_address(0); asm("" : "+r"(p)); p += 1 << 27; y[i] = *p;`},
	{name: "shared array past its end", block: 64, says: []string{"thread 63", "out of bounds", "index 64"},
		source: `__shared__ real s[64]; s[i + 1] = x[i]; __syncthreads(); y[i] = s[i];`},
	{name: "shared array past its end by a pointer", block: 64, says: []string{"thread 63", "past the end of __shared__ s (256 bytes)"},
		source: `__shared__ real s[64]; real* p = s; asm("" : "+r"(p)); p[i + 1] = x[i]; __syncthreads(); y[i] = p[i + 1];`},
	{name: "local array past its end", block: 4, says: []string{"thread 3", "index 4 of an array"},
		source: `real t[4] = {1, 2, 3, 4}; y[i] = t[i + 1] + x[i];`},
	{name: "uninitialised global memory", block: 64, says: []string{"thread 0", "reads byte 0 of buffer 1", "never written"},
		source: `y[i] += x[i];`},
	{name: "uninitialised global memory in part", block: 64, says: []string{"thread 32", "reads byte 128 of buffer 1", "never written"},
		source: `if (i < 32) y[i] = 1; __syncthreads(); y[i] += 1;`},
	{name: "uninitialised shared memory", block: 64, says: []string{"thread 0", "reads byte 0 of __shared__ s", "never written"},
		source: `__shared__ real s[64]; if (i) s[i] = 1; __syncthreads(); y[i] = s[i];`},
	{name: "shared memory of the block before", grid: 2, block: 32, says: []string{"block 1", "__shared__ s", "never written"},
		source: `__shared__ real s[32]; if (blockIdx.x == 0) s[threadIdx.x] = 1; __syncthreads(); y[i] = s[threadIdx.x];`},
	{name: "barrier that some leave out", block: 64, says: []string{"thread 32", "barrier", "line 3"}, loose: true,
		source: `if (i < 32) __syncthreads(); y[i] = 1;`},
	{name: "return before a barrier", block: 64, says: []string{"barrier that thread 0 never reaches", "has returned"}, loose: true,
		source: `if (i == 0) return; __syncthreads(); y[i] = 1;`},
	{name: "barriers in two branches", block: 64, says: []string{"barrier", "thread 0 is at another, on line 4"}, loose: true,
		source: "if (i < 32)\n__syncthreads();\nelse\n__syncthreads();\ny[i] = 1;"},
	{name: "shared race, read after write", block: 64, says: []string{"thread 63", "race: reads byte 0 of __shared__ s", "thread 0 wrote"},
		source: `__shared__ real s[64]; s[i] = x[i]; y[i] = s[(i + 1) % 64 > i ? i : 0];`},
	{name: "shared race, write after read", block: 64, says: []string{"race: writes", "__shared__ s", "which other threads of the block read"},
		source: `__shared__ real s[64]; s[i] = x[i]; __syncthreads(); real t = s[0] + s[1]; y[i] = t; if (i == 63) s[0] = 2;`},
	{name: "shared race, two writes", block: 64, says: []string{"thread 1", "race: writes byte 0 of __shared__ s", "thread 0 wrote"},
		source: `__shared__ real s[1]; s[0] = x[i]; __syncthreads(); y[i] = s[0];`},
	{name: "race within a warp", block: 32, says: []string{"race: reads", "__shared__ s", "thread 0 wrote"},
		source: `__shared__ real s[32]; s[i] = x[i]; y[i] = s[i & 30];`},
	{name: "a shuffle is no fence", block: 32, says: []string{"race: reads", "__shared__ s"},
		source: `__shared__ real s[32]; s[i] = x[i]; real t = __shfl_xor_sync(~0u, x[i], 1); y[i] = s[i ^ 1] + t;`},
	{name: "__syncwarp of half a warp", block: 32, says: []string{"thread 0", "race: reads byte 64 of __shared__ s", "thread 16 wrote"},
		source: `__shared__ real s[32]; s[i] = x[i]; __syncwarp(i < 16 ? 0xffffu : 0xffff0000u); y[i] = s[i ^ 16];`},
	{name: "global race within a block", block: 64, says: []string{"thread 1", "race: reads byte 0 of buffer 1", "thread 0 wrote"},
		source: `y[i] = x[i]; if (i) y[i] += y[i - 1];`},
	{name: "global race of blocks, two writes", grid: 2, block: 32, says: []string{"block 1, thread 0", "race: writes byte 0 of buffer 1", "another block of the launch wrote"},
		source: `y[threadIdx.x] = x[i];`},
	{name: "global race of blocks, a read of what another writes", grid: 2, block: 32, says: []string{"block 1, thread 0", "race: reads", "another block of the launch wrote"},
		source: `y[i] = x[i]; __syncthreads(); if (blockIdx.x) y[i] += y[i - 32];`},
	{name: "global race of blocks, a write of what another read", grid: 3, block: 32, says: []string{"block 2, thread 0", "race: writes byte 0 of buffer 0", "another block of the launch read"},
		source: `real t = x[threadIdx.x]; y[i] = t; if (blockIdx.x == 2) ((real*)x)[threadIdx.x] = t;`},
	{name: "an atomic and a plain read", block: 64, says: []string{"race", "__shared__ s"},
		source: `__shared__ int s; if (i == 0) s = 0; __syncthreads(); atomicAdd(&s, 1); y[i] = s;`},
	{name: "an atomic of memory that was never written", block: 32, says: []string{"reads byte 0 of buffer 1", "never written"},
		source: `atomicAdd(y, x[i]);`},
	{name: "misaligned vector", block: 4, says: []string{"thread 0", "misaligned", "byte 4 of buffer 0"},
		source: `float4 v = *(const float4*)(x + 4 * i + 1); y[i] = v.x + v.y + v.z + v.w;`},
	{name: "integer division by zero", block: 4, says: []string{"thread 2", "divides an integer by zero", "line 3"},
		source: `y[i] = 12 / (2 - i) + x[i];`},
	{name: "remainder by zero", block: 4, says: []string{"thread 2", "divides an integer by zero"},
		source: `y[i] = 12 % (2 - i) + x[i];`},
	{name: "shift past the width", block: 64, says: []string{"thread 32", "shifts by 32"},
		source: `y[i] = 1u << i;`},
	{name: "signed overflow", block: 4, says: []string{"thread 1", "overflows a signed integer"},
		source: `y[i] = 0x7fffffff + i;`},
	{name: "shuffle without its own lane", block: 32, says: []string{"thread 16", "__shfl_sync", "own lane 16 is not in"}, loose: true,
		source: `y[i] = __shfl_sync(0xffffu, x[i], 0);`},
	{name: "shuffle that some leave out", block: 32, says: []string{"__shfl_down_sync", "0xffffffff"}, loose: true,
		source: `real t = x[i]; if (i < 16) t += __shfl_down_sync(~0u, t, 8); y[i] = t;`},
	{name: "shuffle of lanes that are not there", block: 16, says: []string{"__shfl_xor_sync", "its warp has 16 lanes"}, loose: true,
		source: `y[i] = __shfl_xor_sync(~0u, x[i], 1);`},
	{name: "shuffle from a lane that takes no part", block: 32, says: []string{"lane 0 reads lane 16, which mask 0x0000ffff lacks"}, loose: true,
		source: `real t = 0; if (i < 16) t = __shfl_down_sync(0xffffu, x[i], 16); y[i] = t;`},
	{name: "shuffles that cross", block: 32, says: []string{"wait for one another", "__shfl_up_sync", "__shfl_down_sync"}, loose: true,
		source: `y[i] = i < 16 ? __shfl_up_sync(~0u, x[i], 1) : __shfl_down_sync(~0u, x[i], 1);`},
	{name: "shuffle against barrier", block: 32, says: []string{"wait for one another", "__shfl_sync", "__syncthreads"}, loose: true,
		source: `real t = x[i]; if (i < 16) t = __shfl_sync(~0u, t, 1); else __syncthreads(); y[i] = t;`},
	{name: "width of a shuffle", block: 32, says: []string{"width 12"}, loose: true,
		source: `y[i] = __shfl_sync(~0u, x[i], 1, 12);`},
	{name: "another thread's local variable", block: 32, says: []string{"thread 1", "reads a local variable of another thread"},
		source: `__shared__ real* p; real t[4] = {x[i], 1, 2, 3}; if (i == 0) p = t; __syncthreads(); y[i] = p[i & 3];`},
	{name: "stack overflow", block: 1, says: []string{"stack is full"}, loose: true,
		source: `volatile real t[40000]; for (int k = 0; k < 40000; k++) t[k] = k; y[i] = t[7];`},
	{name: "block larger than its bounds", block: 512, says: []string{"__launch_bounds__ promises at most 256"}, loose: true,
		source: `y[i] = 1;`},
	{name: "too much shared memory", block: 32, says: []string{"65536 bytes of __shared__ memory"}, loose: true,
		source: `__shared__ real s[16384]; s[i] = x[i]; __syncthreads(); y[i] = s[i];`},
}

// allFaults is the source of all faults: kernel k0 has the first.
func allFaults() string {
	var b strings.Builder
	b.WriteString("typedef float real;\n")
	for i, f := range faults {
		fmt.Fprintf(&b, `#line 2 "kernel.cu"
extern "C" __global__ void __launch_bounds__(256) k%d(const real* x, real* y) { int i = blockIdx.x * blockDim.x + threadIdx.x;
%s
}
`, i, f.source)
	}
	return b.String()
}

func TestFaultsAreNamed(t *testing.T) {
	need(t)
	source := allFaults()
	for i, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			kernel := fmt.Sprint("k", i)
			run := func(c Config) error {
				c.Unset = []int{1}
				memory := [][]byte{floats(ramp(256)), make([]byte, 1024)}
				return c.Exec(source, []Launch{{kernel, max(f.grid, 1), f.block, []Arg{{0, 0}, {1, 0}}}}, memory)
			}
			err := run(Config{})
			for _, s := range append(f.says, "kernel "+kernel) {
				require.ErrorContains(t, err, s)
			}
			for _, c := range []Config{{Order: 1, Ucontext: true}, {Order: 7}} {
				require.ErrorContains(t, run(c), "kernel "+kernel, "%+v", c)
			}
			if f.loose {
				require.ErrorContains(t, run(Config{Unchecked: true}), "kernel "+kernel)
			}
		})
	}
}
