package code

import "strings"

// RowsThreads is the number of threads in a block of the kernel of Rows.
const RowsThreads = 256

// Rows is a kernel, named "rows", that copies rows of a table: block b copies row
// index[b], of size elements, to row b of to.
func Rows(double bool) string {
	real := "float"
	if double {
		real = "double"
	}
	return strings.ReplaceAll(`extern "C" __global__ void __launch_bounds__(256) rows(REAL* __restrict__ to, const REAL* __restrict__ table, const int* __restrict__ index, const unsigned long long size) {
    const REAL* from = table + index[blockIdx.x] * size;
    to += blockIdx.x * size;
    for (unsigned long long i = threadIdx.x; i < size; i += blockDim.x) {
        to[i] = from[i];
    }
}
`, "REAL", real)
}
