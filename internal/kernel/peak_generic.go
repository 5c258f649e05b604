// The plain Go twin of the chains that Peak times.

package kernel

// fmaChainsGeneric runs n rounds of acc[i] += x*y over every element of acc [12*lanes], in
// twelve independent chains. The assembly rounds once per round (a fused multiply-add);
// plain Go rounds once or twice, depending on the platform. The results have the same bits
// if x*y is exact.
func fmaChainsGeneric(acc []float32, x, y float32, n int) {
	for ; len(acc) >= chains; acc = acc[chains:] {
		a := (*[chains]float32)(acc)
		a0, a1, a2, a3, a4, a5 := a[0], a[1], a[2], a[3], a[4], a[5]
		a6, a7, a8, a9, a10, a11 := a[6], a[7], a[8], a[9], a[10], a[11]
		for range n {
			a0 += x * y
			a1 += x * y
			a2 += x * y
			a3 += x * y
			a4 += x * y
			a5 += x * y
			a6 += x * y
			a7 += x * y
			a8 += x * y
			a9 += x * y
			a10 += x * y
			a11 += x * y
		}
		*a = [chains]float32{a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11}
	}
}
