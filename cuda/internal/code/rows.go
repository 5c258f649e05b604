package code

import "strings"

// RowsThreads is the number of threads in a block of the kernels of Rows.
const RowsThreads = 256

// Rows are two kernels, "rows_float32" and "rows_float64", that copy rows of a table: block
// b copies row index[b], of size elements, to row b of to.
func Rows() string {
	const kernel = `extern "C" __global__ void __launch_bounds__(256) rows_NAME(REAL* __restrict__ to, const REAL* __restrict__ table, const int* __restrict__ index, const unsigned long long size) {
    const REAL* from = table + index[blockIdx.x] * size;
    to += blockIdx.x * size;
    for (unsigned long long i = threadIdx.x; i < size; i += blockDim.x) {
        to[i] = from[i];
    }
}
`
	of := func(name, real string) string { return strings.NewReplacer("NAME", name, "REAL", real).Replace(kernel) }
	return of("float32", "float") + of("float64", "double")
}
