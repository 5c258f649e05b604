// copyAsync copies an element to shared memory, or zero if it is outside. The copies of a thread are there once
// copied() returns; a barrier shows them to others.
static __device__ __forceinline__ void copyAsync(real* to, const real* from, bool inside) {
#if __CUDA_ARCH__ >= 800 && !defined(EMU_ARCH)
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"((unsigned)__cvta_generic_to_shared(to)), "l"(from),
                 "n"((int)sizeof(real)), "r"(inside ? (int)sizeof(real) : 0)
                 : "memory");
#else
    *to = inside ? *from : 0;
#endif
}

static __device__ __forceinline__ void copied() {
#if __CUDA_ARCH__ >= 800 && !defined(EMU_ARCH)
    asm volatile("cp.async.wait_all;" ::: "memory");
#endif
}

// Filter is a block's part of the gradient of a convolution's kernels: BC channels and GO TO results. A thread has one
// channel and TO results, and adds up in registers what all taps of the kernel get from its windows. In each stage
// these are a run of L windows along a row. Neighbouring threads have neighbouring channels.
// The last run of a row has LAST windows.
template <int BC, int GO, int TO, int L, int LAST, int KH, int KW, int SW, int DH, int DW>
struct Filter {
    static constexpr int pairs = BC * GO, taps = KH * KW;
    // So many columns of a window are columns of the next window as well.
    static constexpr int keep = DW == 1 && SW < KW ? KW - SW : 0;

    // add adds a run of windows. x is the first element of the first window, with rows pitchX apart; dy is the
    // gradient of the thread's first result in the first window, with windows pitchY apart.
    static __device__ __forceinline__ void add(real (&c)[TO][KH][KW], const real* x, int pitchX, const real* dy, int pitchY, bool last) {
        real v[KH][KW];
#pragma unroll
        for (int i = 0; i < KH; i++) {
#pragma unroll
            for (int j = 0; j < keep; j++) v[i][j + SW] = x[i * DH * pitchX + j];
        }
#pragma unroll
        for (int q = 0; q < L; q++) {
            if (q == LAST && last) break;
            real d[TO];
#pragma unroll
            for (int o = 0; o < TO; o++) d[o] = dy[q * pitchY + o];
#pragma unroll
            for (int i = 0; i < KH; i++) {
#pragma unroll
                for (int j = 0; j < KW; j++) v[i][j] = j < keep ? v[i][j + SW] : x[i * DH * pitchX + q * SW + j * DW];
            }
#pragma unroll
            for (int o = 0; o < TO; o++) {
#pragma unroll
                for (int i = 0; i < KH; i++) {
#pragma unroll
                    for (int j = 0; j < KW; j++) c[o][i][j] += d[o] * v[i][j];
                }
            }
        }
    }

    // sum adds the sums of the threads with the same channel and results, in order, and hands them to
    // store(channel, result, tap, sum). memory has taps (threads + 1) elements.
    template <int threads, class Store>
    static __device__ __forceinline__ void sum(const real (&c)[TO][KH][KW], real* memory, Store store) {
        const int t = threadIdx.x;
#pragma unroll
        for (int o = 0; o < TO; o++) {
            __syncthreads();
#pragma unroll
            for (int i = 0; i < taps; i++) memory[i * (threads + 1) + t] = c[o][i / KW][i % KW];
            __syncthreads();
            for (int e = t; e < taps * pairs; e += threads) {
                const int tap = e % taps, pair = e / taps;
                const real* from = memory + tap * (threads + 1) + pair;
                real sum = *from;
#pragma unroll 4
                for (int k = pairs; k < threads; k += pairs) sum += from[k];
                store(pair % BC, pair / BC * TO + o, tap, sum);
            }
        }
    }
};

// Convolution is a thread's part of a convolution: TO channels of the result and a run of L windows along a row, from
// so many channels of the images.
template <int TO, int L, int KH, int KW, int SW, int DH, int DW, int channels>
struct Convolution {
    static constexpr int wide = (L - 1) * SW + (KW - 1) * DW + 1;

    // add adds to the sums. x is the first element of the first window, with rows pitchX and channels pitchC apart; w is
    // the first tap of the thread's first channel, with taps pitchW apart.
    static __device__ __forceinline__ void add(real (&c)[TO][L], const real* x, int pitchX, int pitchC, const real* w, int pitchW) {
#pragma unroll 1
        for (int k = 0; k < channels; k++, x += pitchC, w += KH * KW * pitchW) {
#pragma unroll
            for (int i = 0; i < KH; i++) {
                real v[wide];
#pragma unroll
                for (int q = 0; q < wide; q++) v[q] = x[i * DH * pitchX + q];
#pragma unroll
                for (int j = 0; j < KW; j++) {
                    real u[TO];
#pragma unroll
                    for (int o = 0; o < TO; o++) u[o] = w[(i * KW + j) * pitchW + o];
#pragma unroll
                    for (int o = 0; o < TO; o++) {
#pragma unroll
                        for (int q = 0; q < L; q++) c[o][q] += u[o] * v[q * SW + j * DW];
                    }
                }
            }
        }
    }
};

// warpFold returns, in the first lane of a warp, the sum or the maximum of numbers in shared memory.
template <int count, bool max>
static __device__ __forceinline__ real warpFold(const real* from) {
    const int lane = threadIdx.x % 32;
    real v = from[lane];
#pragma unroll
    for (int k = lane + 32; k < count; k += 32) v = max ? greater(v, from[k]) : v + from[k];
#pragma unroll
    for (int far = 16; far > 0; far /= 2) {
        const real other = __shfl_xor_sync(0xffffffffu, v, far);
        v = max ? greater(v, other) : v + other;
    }
    return v;
}
