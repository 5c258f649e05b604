// The functions of one number on vectors, in plain Go.

package kernel

import "math"

// unaryGeneric returns the twins of the float32 functions.
func unaryGeneric() [vectorOps]func(dst, x []float32) {
	return [vectorOps]func(dst, x []float32){
		OpNeg: negGeneric, OpAbs: absGeneric, OpSqrt: sqrtGeneric, OpExp: expGeneric,
		OpExpm1: expm1Generic, OpLog: logGeneric, OpLog1p: log1pGeneric, OpTanh: tanhGeneric,
		OpSigmoid: sigmoidGeneric, OpSoftplus: softplusGeneric, OpErf: erfGeneric,
	}
}

func negGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = -x[i]
	}
}

func absGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = abs32(x[i])
	}
}

func sqrtGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = float32(math.Sqrt(float64(x[i])))
	}
}

func expGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = expOf(x[i])
	}
}

func expm1Generic(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = expm1Of(x[i])
	}
}

func logGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = logOf(x[i])
	}
}

func log1pGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = log1pOf(x[i])
	}
}

func tanhGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = tanhOf(x[i])
	}
}

func sigmoidGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = sigmoidOf(x[i])
	}
}

func softplusGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = softplusOf(x[i])
	}
}

func erfGeneric(dst, x []float32) {
	for i := range min(len(dst), len(x)) {
		dst[i] = erfOf(x[i])
	}
}

// unary64 returns the float64 functions.
func unary64() [vectorOps]func(dst, x []float64) {
	return [vectorOps]func(dst, x []float64){
		OpNeg:      each64(func(x float64) float64 { return -x }),
		OpAbs:      each64(math.Abs),
		OpSqrt:     each64(math.Sqrt),
		OpExp:      each64(exp64),
		OpExpm1:    each64(expm164),
		OpLog:      each64(log64),
		OpLog1p:    each64(log1p64),
		OpTanh:     each64(tanh64),
		OpSigmoid:  each64(sigmoid64),
		OpSoftplus: each64(softplus64),
		OpErf:      each64(math.Erf),
	}
}

func each64(f func(float64) float64) func(dst, x []float64) {
	return func(dst, x []float64) {
		for i := range min(len(dst), len(x)) {
			dst[i] = f(x[i])
		}
	}
}
