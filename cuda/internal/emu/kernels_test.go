package emu

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// kernels are kernels without faults.
const kernels = `
typedef float real;

extern "C" __global__ void __launch_bounds__(256) add(const real* __restrict__ a, const real* __restrict__ b, real* c) {
	unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < 1000u) c[i] = a[i] + b[i];
}

// A sum of 1000 by one block, in shared memory.
extern "C" __global__ void __launch_bounds__(256) blockSum(const real* __restrict__ a, real* sum) {
	__shared__ real part[256];
	unsigned t = threadIdx.x;
	real s = 0;
	for (unsigned i = t; i < 1000u; i += 256) s += a[i];
	part[t] = s;
	__syncthreads();
	for (unsigned n = 128; n > 0; n >>= 1) {
		if (t < n) part[t] += part[t + n];
		__syncthreads();
	}
	if (t == 0) sum[0] = part[0];
}

// The same by shuffles within warps, the last half in one warp's shared memory.
extern "C" __global__ void __launch_bounds__(256) warpSum(const real* __restrict__ a, real* sum) {
	__shared__ real part[8];
	unsigned t = threadIdx.x;
	real s = 0;
	for (unsigned i = t; i < 1000u; i += 256) s += a[i];
	for (int n = 16; n > 0; n >>= 1) s += __shfl_down_sync(0xffffffffu, s, n);
	if (t % 32 == 0) part[t / 32] = s;
	__syncthreads();
	if (t < 32) {
		for (unsigned n = 4; n > 0; n >>= 1) {
			real u = t < n ? part[t + n] : 0;
			__syncwarp();
			if (t < n) part[t] += u;
			__syncwarp();
		}
		if (t == 0) sum[0] = part[0];
	}
}

// c = a b, 128 by 128, in tiles of 32 by 32: a block has 256 threads.
extern "C" __global__ void __launch_bounds__(256) product(const real* __restrict__ a, const real* __restrict__ b, real* c) {
	__shared__ real ta[32][33], tb[32][32];
	unsigned row = blockIdx.x / 4 * 32, column = blockIdx.x % 4 * 32, x = threadIdx.x % 32, y = threadIdx.x / 32;
	real sum[4] = {0, 0, 0, 0};
	for (unsigned k = 0; k < 128; k += 32) {
		for (unsigned i = 0; i < 32; i += 8) {
			ta[y + i][x] = a[(row + y + i) * 128 + k + x];
			tb[y + i][x] = b[(k + y + i) * 128 + column + x];
		}
		__syncthreads();
		for (unsigned p = 0; p < 32; p++)
			for (unsigned i = 0; i < 4; i++) sum[i] += ta[y + 8 * i][p] * tb[p][x];
		__syncthreads();
	}
	for (unsigned i = 0; i < 4; i++) c[(row + y + 8 * i) * 128 + column + x] = sum[i];
}

// Counts of the values 0 to 15: in shared memory for a block, then for all.
extern "C" __global__ void __launch_bounds__(256) histogram(const int* __restrict__ values, int* counts) {
	__shared__ int mine[16];
	unsigned t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
	if (t < 16) mine[t] = 0;
	__syncthreads();
	atomicAdd(&mine[values[i]], 1);
	__syncthreads();
	if (t < 16) atomicAdd(&counts[t], mine[t]);
}

__device__ real scale = 3;
__constant__ real table[4] = {1, 2, 4, 8};

// Vectors, variables and constants of the module, votes and local arrays.
extern "C" __global__ void mixed(const real* a, real* c) {
	unsigned t = threadIdx.x;
	float4 v = reinterpret_cast<const float4*>(a)[t];
	real all[4] = {v.x, v.y, v.z, v.w};
	unsigned votes = __ballot_sync(0xffffffffu, t % 2);
	real s = 0;
	for (unsigned i = 0; i < 4; i++) s += all[(i + t) % 4] * table[i];
	c[t] = s * scale + __popc(votes) + __syncthreads_count(t < 5) + max(1.0f, __ldg(a)) + __int_as_float(0x40000000);
}
`

func ints(xs []int32) []byte {
	var b []byte
	for _, x := range xs {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

func TestKernelsWithoutFaultsRunInAllOrders(t *testing.T) {
	need(t)
	const n = 128
	a, b := ramp(n*n), ramp(n*n + 7)[7:]
	values, counts := make([]int32, 4*256), make([]int32, 16)
	for i := range values {
		values[i] = int32(i*i%29) % 16
		counts[values[i]]++
	}
	launches := []Launch{
		{"add", 4, 256, []Arg{{0, 0}, {1, 0}, {2, 0}}},
		{"blockSum", 1, 256, []Arg{{0, 0}, {3, 0}}},
		{"warpSum", 1, 256, []Arg{{0, 0}, {3, 4}}},
		{"product", 16, 256, []Arg{{0, 0}, {1, 0}, {4, 0}}},
		{"histogram", 4, 256, []Arg{{5, 0}, {6, 0}}},
		{"mixed", 1, 32, []Arg{{0, 0}, {7, 0}}},
	}
	for _, c := range []Config{{}, {Order: 1}, {Order: 2}, {Order: 3}, {Order: 1, Ucontext: true}, {Unchecked: true}, {Unchecked: true, Order: 5}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			memory := [][]byte{floats(a), floats(b), make([]byte, 4*1000), make([]byte, 8), make([]byte, 4*n*n), ints(values), make([]byte, 4*16), make([]byte, 4*32)}
			c.Unset = []int{2, 3, 4, 7}
			require.NoError(t, c.Exec(kernels, launches, memory))
			for i, got := range asFloats(memory[2]) {
				require.Equal(t, a[i]+b[i], got)
			}
			var sum float64
			for _, x := range a[:1000] {
				sum += float64(x)
			}
			for _, got := range asFloats(memory[3]) {
				require.InDelta(t, sum, got, 1e-2)
			}
			got := asFloats(memory[4])
			for i := range n {
				for j := range n {
					var want float64
					for k := range n {
						want += float64(a[i*n+k]) * float64(b[k*n+j])
					}
					require.InDelta(t, want, got[i*n+j], 1e-2, "row %d, column %d", i, j)
				}
			}
			require.Equal(t, ints(counts), memory[6])
			for i, got := range asFloats(memory[7]) {
				want := float64(16 + 5 + 1 + 2)
				for k := range 4 {
					want += float64(a[4*i+(k+i)%4]) * float64(int(1)<<k) * 3
				}
				require.InDelta(t, want, got, 1e-3)
			}
		})
	}
}

func TestMathIsThatOfC(t *testing.T) {
	need(t)
	source := `
extern "C" __global__ void f(const float* x, float* y) {
	float v = x[threadIdx.x];
	float all[] = {expf(v), logf(v), tanhf(v), erff(v), log1pf(v), expm1f(v), sqrtf(v), fmaf(v, v, -1.0f), fminf(v, 1.0f), powf(v, 1.5f), rsqrtf(v), fmodf(v, 0.7f)};
	for (int i = 0; i < 12; i++) y[threadIdx.x * 12 + i] = all[i];
}
extern "C" __global__ void g(const double* x, double* y) {
	double v = x[threadIdx.x];
	double all[] = {exp(v), log(v), tanh(v), erf(v), log1p(v), expm1(v), sqrt(v), fma(v, v, -1.0), fmin(v, 1.0), pow(v, 1.5), rsqrt(v), fmod(v, 0.7)};
	for (int i = 0; i < 12; i++) y[threadIdx.x * 12 + i] = all[i];
}`
	xs := []float64{0.25, 0.5, 1, 1.75, 3, 10.5}
	var narrow []float32
	var wide []byte
	for _, x := range xs {
		narrow = append(narrow, float32(x))
		wide = binary.LittleEndian.AppendUint64(wide, math.Float64bits(x))
	}
	memory := [][]byte{floats(narrow), make([]byte, 4*12*len(xs)), wide, make([]byte, 8*12*len(xs))}
	c := Config{Unset: []int{1, 3}}
	require.NoError(t, c.Exec(source, []Launch{{"f", 1, len(xs), []Arg{{0, 0}, {1, 0}}}, {"g", 1, len(xs), []Arg{{2, 0}, {3, 0}}}}, memory))
	for i, x := range xs {
		for j, want := range []float64{math.Exp(x), math.Log(x), math.Tanh(x), math.Erf(x), math.Log1p(x), math.Expm1(x), math.Sqrt(x), math.FMA(x, x, -1), min(x, 1), math.Pow(x, 1.5), 1 / math.Sqrt(x), math.Mod(x, 0.7)} {
			require.InEpsilon(t, want+10, asFloats(memory[1])[12*i+j]+10, 1e-5, "function %d of %g", j, x)
			got := math.Float64frombits(binary.LittleEndian.Uint64(memory[3][8*(12*i+j):]))
			require.InEpsilon(t, want+10, got+10, 1e-13, "function %d of %g", j, x)
		}
	}
}

func TestExecSaysWhatIsWrongWithACall(t *testing.T) {
	need(t)
	source := `extern "C" __global__ void k(float* x, float* y) { x[threadIdx.x] = y[0]; } // __global__ void none() {}
extern "C" __global__ void count(int n) {}`
	for _, c := range []struct {
		says   string
		source string
		launch Launch
	}{
		{"no kernel other", source, Launch{"other", 1, 1, nil}},
		{"no kernel none", source, Launch{"none", 1, 1, nil}},
		{"takes 2 arguments, but 1 are given", source, Launch{"k", 1, 1, []Arg{{0, 0}}}},
		{"argument 0 is no pointer", source, Launch{"count", 1, 1, []Arg{{0, 0}}}},
		{"a grid of no blocks", source, Launch{"k", 0, 1, []Arg{{0, 0}, {0, 0}}}},
		{"a block of 0 threads", source, Launch{"k", 1, 0, []Arg{{0, 0}, {0, 0}}}},
		{"a block of 1025 threads", source, Launch{"k", 1, 1025, []Arg{{0, 0}, {0, 0}}}},
		{"kernel.cu:3", "\n\nnonsense", Launch{"k", 1, 1, nil}},
		{"INFINITY", `extern "C" __global__ void k(float* x) { x[0] = INFINITY; }`, Launch{"k", 1, 1, nil}},
		{"uint32_t", `extern "C" __global__ void k(float* x) { x[0] = uint32_t(1); }`, Launch{"k", 1, 1, nil}},
	} {
		memory := [][]byte{make([]byte, 16)}
		require.ErrorContains(t, Config{}.Exec(c.source, []Launch{c.launch}, memory), c.says)
		require.Equal(t, make([]byte, 16), memory[0])
	}
}

func BenchmarkProduct(b *testing.B) {
	need(b)
	const n = 128
	for _, c := range []Config{{}, {Unchecked: true}} {
		b.Run(fmt.Sprintf("loose=%v", c.Unchecked), func(b *testing.B) {
			memory := [][]byte{floats(ramp(n * n)), floats(ramp(n * n)), make([]byte, 4*n*n)}
			launches := make([]Launch, b.N)
			for i := range launches {
				launches[i] = Launch{"product", 16, 256, []Arg{{0, 0}, {1, 0}, {2, 0}}}
			}
			require.NoError(b, c.Exec(kernels, nil, nil)) // compiles it
			b.ResetTimer()
			require.NoError(b, c.Exec(kernels, launches, memory))
		})
	}
}
