// The plain Go twins of the transposes between images one after the other and
// images side by side.

package kernel

// interleaveGeneric writes
//
//	dst[i*step+l] = src[l*stride+i] for l < n, 0 for n <= l < Group
//
// for i < count.
func interleaveGeneric(dst, src []float32, n, count, stride, step int) {
	for i := range count {
		d := (*[Group]float32)(dst[i*step:])
		for l := range n {
			d[l] = src[l*stride+i]
		}
		clear(d[n:])
	}
}

// deinterleaveGeneric writes dst[l*stride+i] = src[i*step+l] for l < n and
// i < count.
func deinterleaveGeneric(dst, src []float32, n, count, stride, step int) {
	for l := range n {
		d := dst[l*stride:][:count]
		for i := range d {
			d[i] = src[i*step+l]
		}
	}
}
