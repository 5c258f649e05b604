// The plain Go twin of the chains that Peak times.

package kernel

// fmaChainsGeneric runs n rounds of acc[i] = x*acc[i] + y over every element of
// acc [12*lanes], in twelve independent chains. The assembly rounds once per round (a
// fused multiply-add); plain Go rounds once or twice, depending on the platform. The
// results have the same bits if x*acc[i] is exact.
func fmaChainsGeneric(acc []float32, x, y float32, n int) {
	for ; len(acc) >= chains; acc = acc[chains:] {
		a := (*[chains]float32)(acc)
		a0, a1, a2, a3, a4, a5 := a[0], a[1], a[2], a[3], a[4], a[5]
		a6, a7, a8, a9, a10, a11 := a[6], a[7], a[8], a[9], a[10], a[11]
		for range n {
			a0 = x*a0 + y
			a1 = x*a1 + y
			a2 = x*a2 + y
			a3 = x*a3 + y
			a4 = x*a4 + y
			a5 = x*a5 + y
			a6 = x*a6 + y
			a7 = x*a7 + y
			a8 = x*a8 + y
			a9 = x*a9 + y
			a10 = x*a10 + y
			a11 = x*a11 + y
		}
		*a = [chains]float32{a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11}
	}
}
