// Tile is a block's part of a product C = A B: BM rows and BN columns. The block's threads go over the depth in pieces
// of BK: they load the next piece into shared memory while they multiply the current one. A thread computes TM rows and
// TN columns of the tile, over one of S slices of each piece; slices keep enough threads busy when a tile is small.
//
// A and B are functions of indices that return zero outside the operand. The index along the depth comes in two parts:
// the index of the piece's first element, and the place in the piece, which is the same for all pieces that a thread
// loads. DepthA and DepthB say that neighbours along the depth, not along the rows or columns, are neighbours in
// memory.
template <int BM, int BN, int BK, int TM, int TN, int S, bool DepthA, bool DepthB>
struct Tile {
    static constexpr int across = BN / TN, down = BM / TM, slice = across * down, threads = slice * S;
    // A thread's neighbouring rows and columns: four are read from shared memory at once.
    static constexpr int rows = TM % 4 ? TM : 4, columns = TN % 4 ? TN : 4;
    // Rows of shared memory are padded so that threads that fill them along the depth do not conflict in banks.
    static constexpr int pitchA = BM + (DepthA ? 4 : 0), pitchB = BN + (DepthB ? 4 : 0), piece = BK * (pitchA + pitchB);
    // The results are handed over in passes; high is the rows of the tile in each.
    static constexpr int passes = TM / rows, high = BM / passes;
    static constexpr __device__ int most(int a, int b) { return a > b ? a : b; }
    static constexpr int memory = most(2 * piece, S * high * BN); // elements
    static constexpr int fetchA = (BM * BK + threads - 1) / threads, fetchB = (BN * BK + threads - 1) / threads;

    static __device__ __forceinline__ int column(int x, int j) { return j / columns * (across * columns) + x * columns + j % columns; }
    static __device__ __forceinline__ int row(int y, int i) { return i / rows * (down * rows) + y * rows + i % rows; }

    // Elements of a piece are numbered in the order in which threads load them: a run along the depth, if neighbours
    // there are neighbours in memory, then along the tile's side.
    static constexpr int run = BK % 8 == 0 ? 8 : BK % 4 == 0 ? 4 : BK;
    static __device__ __forceinline__ int along(int e, int side, bool depth) { return depth ? e / run % side : e % side; }
    static __device__ __forceinline__ int deep(int e, int side, bool depth) { return depth ? e / (run * side) * run + e % run : e / side; }

    // multiply adds the product over the depth from k to end to this thread's c.
    template <class A, class B>
    static __device__ __forceinline__ void multiply(real (&c)[TM][TN], real* memory, int k, int end, A a, B b) {
        const int t = threadIdx.x, s = t / slice, x = t % across, y = t % slice / across;
        real nextA[fetchA], nextB[fetchB];
        auto fetch = [&](int k) {
#pragma unroll
            for (int i = 0; i < fetchA; i++) {
                const int e = t + i * threads;
                if (BM * BK % threads == 0 || e < BM * BK) nextA[i] = a(along(e, BM, DepthA), k, deep(e, BM, DepthA));
            }
#pragma unroll
            for (int i = 0; i < fetchB; i++) {
                const int e = t + i * threads;
                if (BN * BK % threads == 0 || e < BN * BK) nextB[i] = b(k, deep(e, BN, DepthB), along(e, BN, DepthB));
            }
        };
        auto keep = [&](real* to) {
#pragma unroll
            for (int i = 0; i < fetchA; i++) {
                const int e = t + i * threads;
                if (BM * BK % threads == 0 || e < BM * BK) to[deep(e, BM, DepthA) * pitchA + along(e, BM, DepthA)] = nextA[i];
            }
#pragma unroll
            for (int i = 0; i < fetchB; i++) {
                const int e = t + i * threads;
                if (BN * BK % threads == 0 || e < BN * BK) to[BK * pitchA + deep(e, BN, DepthB) * pitchB + along(e, BN, DepthB)] = nextB[i];
            }
        };
        fetch(k);
        keep(memory);
        __syncthreads();
        int at = 0;
        for (; k < end; k += BK) {
            if (k + BK < end) fetch(k + BK);
            const real* rowsOfA = memory + at + s * (BK / S) * pitchA;
            const real* rowsOfB = memory + at + BK * pitchA + s * (BK / S) * pitchB;
#pragma unroll
            for (int d = 0; d < BK / S; d++) {
                real u[TM], v[TN];
#pragma unroll
                for (int i = 0; i < TM; i++) u[i] = rowsOfA[d * pitchA + row(y, i)];
#pragma unroll
                for (int j = 0; j < TN; j++) v[j] = rowsOfB[d * pitchB + column(x, j)];
#pragma unroll
                for (int i = 0; i < TM; i++) {
#pragma unroll
                    for (int j = 0; j < TN; j++) c[i][j] += u[i] * v[j];
                }
            }
            at = piece - at;
            if (k + BK < end) keep(memory + at);
            __syncthreads();
        }
    }

    // stage stores rows pass*high to (pass+1)*high-1 of the tile in memory, slice by slice: [S][high][BN].
    static __device__ __forceinline__ void stage(const real (&c)[TM][TN], real* memory, int pass) {
        const int t = threadIdx.x, s = t / slice, x = t % across, y = t % slice / across;
#pragma unroll
        for (int i = 0; i < rows; i++) {
#pragma unroll
            for (int j = 0; j < TN; j++) memory[(s * high + y * rows + i) * BN + column(x, j)] = c[pass * rows + i][j];
        }
        __syncthreads();
    }

    // staged is an element of those rows: the sum over the slices, in order.
    static __device__ __forceinline__ real staged(const real* memory, int row, int column) {
        real sum = memory[row * BN + column];
#pragma unroll
        for (int s = 1; s < S; s++) sum += memory[(s * high + row) * BN + column];
        return sum;
    }
};

// fold returns, in the thread at place 0, the sum or the maximum over count threads of a block that are stride apart,
// at places from 0 on. All threads of the block must call it; memory has an element for each.
template <int count, int stride, bool max>
static __device__ __forceinline__ real fold(real v, real* memory, int place) {
    real* own = memory + threadIdx.x;
    *own = v;
    __syncthreads();
    for (int left = count; left > 1;) {
        const int half = (left + 1) / 2;
        if (place + half < left) *own = max ? greater(*own, own[half * stride]) : *own + own[half * stride];
        left = half;
        __syncthreads();
    }
    return *own;
}
