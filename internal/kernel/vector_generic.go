// Elementwise arithmetic in plain Go: the twins of the assembly.

package kernel

import "math"

// vectorGeneric returns the plain kernels, except for Unary. fma returns x*y + z with
// one rounding.
func vectorGeneric[T Float](fma func(x, y, z T) T) *Vector[T] {
	v := &Vector[T]{
		Binary: [vectorOps]func(dst, x, y []T){
			addGeneric[T], subGeneric[T], mulGeneric[T], divGeneric[T],
			minGeneric[T], maxGeneric[T], lessGeneric[T],
		},
		Right: [vectorOps]func(dst, x []T, s T){
			addRightGeneric[T], subRightGeneric[T], mulRightGeneric[T], divRightGeneric[T],
			minRightGeneric[T], maxRightGeneric[T], lessRightGeneric[T],
		},
		Left: [vectorOps]func(dst, x []T, s T){
			addLeftGeneric[T], subLeftGeneric[T], mulLeftGeneric[T], divLeftGeneric[T],
			minLeftGeneric[T], maxLeftGeneric[T], lessLeftGeneric[T],
		},
		Fill:      fillGeneric[T],
		Copy:      func(dst, x []T) { copy(dst, x) },
		Where:     whereGeneric[T],
		WhereElse: whereElseGeneric[T],
		WhereThen: whereThenGeneric[T],
		Sum:       sumGeneric[T],
		Max:       maxOfGeneric[T],
		AddRows:   addRowsGeneric[T],
	}
	v.MulAdd = func(dst, x, y, z []T) { mulAddGeneric(fma, dst, x, y, z) }
	v.MulAddScaled = func(dst, x, y []T, s T) { mulAddScaledGeneric(fma, dst, x, y, s) }
	v.MulAddConst = func(dst, x, y []T, s T) { mulAddConstGeneric(fma, dst, x, y, s) }
	v.Affine = func(dst, x []T, s, t T) { affineGeneric(fma, dst, x, s, t) }
	v.Blend = func(dst, x, y []T, s, t T) { blendGeneric(fma, dst, x, y, s, t) }
	v.BlendSquare = func(dst, x, y []T, s, t T) { blendSquareGeneric(fma, dst, x, y, s, t) }
	v.OverRoot = overRootGeneric[T]
	v.Adam = func(m, v, w, x, y, z, a []T, s, t, u, p, q, r, o T) {
		adamGeneric(fma, m, v, w, x, y, z, a, s, t, u, p, q, r, o)
	}
	v.SoftplusSigmoid = func(softplus, sigmoid, x []T) { softplusSigmoidGeneric(v, softplus, sigmoid, x) }
	return v
}

func lesserOf[T Float](x, y T) T {
	if x < y || x != x {
		return x
	}
	return y
}

func greaterOf[T Float](x, y T) T {
	if x > y || x != x {
		return x
	}
	return y
}

func lessOf[T Float](x, y T) T {
	if x < y {
		return 1
	}
	return 0
}

// pick returns x if c is not 0, else y.
func pick[T Float](c, x, y T) T {
	if c != 0 {
		return x
	}
	return y
}

func mulAdd64(x, y, z float64) float64 { return math.FMA(x, y, z) }

func addGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = x[i] + y[i]
	}
}

func addRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = x[i] + s
	}
}

func addLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = s + x[i]
	}
}

func subGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = x[i] - y[i]
	}
}

func subRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = x[i] - s
	}
}

func subLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = s - x[i]
	}
}

func mulGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = x[i] * y[i]
	}
}

func mulRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = x[i] * s
	}
}

func mulLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = s * x[i]
	}
}

func divGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = x[i] / y[i]
	}
}

func divRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = x[i] / s
	}
}

func divLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = s / x[i]
	}
}

func minGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = lesserOf(x[i], y[i])
	}
}

func minRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = lesserOf(x[i], s)
	}
}

func minLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = lesserOf(s, x[i])
	}
}

func maxGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = greaterOf(x[i], y[i])
	}
}

func maxRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = greaterOf(x[i], s)
	}
}

func maxLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = greaterOf(s, x[i])
	}
}

func lessGeneric[T Float](dst, x, y []T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = lessOf(x[i], y[i])
	}
}

func lessRightGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = lessOf(x[i], s)
	}
}

func lessLeftGeneric[T Float](dst, x []T, s T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = lessOf(s, x[i])
	}
}

func fillGeneric[T Float](dst []T, s T) {
	for i := range dst {
		dst[i] = s
	}
}

func whereGeneric[T Float](dst, x, y, z []T) {
	for i := range min(len(dst), len(x), len(y), len(z)) {
		dst[i] = pick(x[i], y[i], z[i])
	}
}

func whereElseGeneric[T Float](dst, x, y []T, s T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = pick(x[i], y[i], s)
	}
}

func whereThenGeneric[T Float](dst, x, y []T, s T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = pick(x[i], s, y[i])
	}
}

func mulAddGeneric[T Float](fma func(x, y, z T) T, dst, x, y, z []T) {
	for i := range min(len(dst), len(x), len(y), len(z)) {
		dst[i] = fma(x[i], y[i], z[i])
	}
}

func mulAddScaledGeneric[T Float](fma func(x, y, z T) T, dst, x, y []T, s T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = fma(x[i], s, y[i])
	}
}

func mulAddConstGeneric[T Float](fma func(x, y, z T) T, dst, x, y []T, s T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = fma(x[i], y[i], s)
	}
}

func affineGeneric[T Float](fma func(x, y, z T) T, dst, x []T, s, t T) {
	for i := range min(len(dst), len(x)) {
		dst[i] = fma(x[i], s, t)
	}
}

func blendGeneric[T Float](fma func(x, y, z T) T, dst, x, y []T, s, t T) {
	for i := range min(len(dst), len(x), len(y)) {
		dst[i] = fma(x[i], s, y[i]*t)
	}
}

func blendSquareGeneric[T Float](fma func(x, y, z T) T, dst, x, y []T, s, t T) {
	for i := range min(len(dst), len(x), len(y)) {
		square := T(y[i] * y[i])
		dst[i] = fma(x[i], s, square*t)
	}
}

func overRootGeneric[T Float](dst, x, y, z []T, s, t, u T) {
	for i := range min(len(dst), len(x), len(y), len(z)) {
		root := T(math.Sqrt(float64(T(z[i] * t))))
		dst[i] = x[i] - T(y[i]*s)/T(root+u)
	}
}

func adamGeneric[T Float](fma func(x, y, z T) T, m, v, w, x, y, z, a []T, s, t, u, p, q, r, o T) {
	for i := range min(len(m), len(v), len(w), len(x), len(y), len(z), len(a)) {
		var first, second, weight [1]T // results may overwrite operands
		blendGeneric(fma, first[:], x[i:], a[i:], s, t)
		blendSquareGeneric(fma, second[:], y[i:], a[i:], u, p)
		overRootGeneric(weight[:], z[i:], first[:], second[:], q, r, o)
		m[i], v[i], w[i] = first[0], second[0], weight[0]
	}
}

// softplusSigmoidGeneric is the two functions of one number. The other result may
// overwrite x, so a few numbers at a time are computed aside.
func softplusSigmoidGeneric[T Float](v *Vector[T], softplus, sigmoid, x []T) {
	var aside [64]T
	for n := min(len(softplus), len(sigmoid), len(x)); n > 0; n = min(len(softplus), len(sigmoid), len(x)) {
		n = min(n, len(aside))
		v.Unary[OpSigmoid](aside[:n], x)
		v.Unary[OpSoftplus](softplus[:n], x)
		copy(sigmoid, aside[:n])
		softplus, sigmoid, x = softplus[n:], sigmoid[n:], x[n:]
	}
}
