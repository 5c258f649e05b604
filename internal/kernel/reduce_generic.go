// Reductions in plain Go, which define the order of sums.

package kernel

import "math"

// sumLanes is the number of partial sums.
const sumLanes = 64

// lanesSum adds lanes j and j+32, then j and j+16, and so on.
func lanesSum[T Float](lanes *[sumLanes]T) T {
	for half := sumLanes / 2; half > 0; half /= 2 {
		for j := range half {
			lanes[j] += lanes[j+half]
		}
	}
	return lanes[0]
}

// sumGeneric is Vector.Sum.
func sumGeneric[T Float](x []T) T {
	var lanes [sumLanes]T
	for len(x) >= sumLanes {
		for j, v := range x[:sumLanes] {
			lanes[j] += v
		}
		x = x[sumLanes:]
	}
	for j, v := range x {
		lanes[j] += v
	}
	return lanesSum(&lanes)
}

// maxOfGeneric is Vector.Max.
func maxOfGeneric[T Float](x []T) T {
	top := T(math.Inf(-1))
	for _, v := range x {
		if v != v {
			return v
		}
		if v > top {
			top = v
		}
	}
	return top + 0
}

// addRowsGeneric is Vector.AddRows.
func addRowsGeneric[T Float](dst, x []T, rows, stride int) {
	for i := range rows {
		row := x[i*stride:]
		for j := range dst {
			dst[j] += row[j]
		}
	}
}
