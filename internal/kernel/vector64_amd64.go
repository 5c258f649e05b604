// The float64 vector kernels of amd64.

//go:build amd64 && !purego

package kernel

// bindVector64 puts the assembly for isa in the place of the plain kernels.
func bindVector64(v *Vector[float64], isa ISA) {
	switch isa {
	case AVX2:
		v.Unary[OpNeg] = neg64AVX2
		v.Unary[OpAbs] = abs64AVX2
		v.Unary[OpSqrt] = sqrt64AVX2
		v.Unary[OpExp] = exp64AVX2
		v.Unary[OpExpm1] = expm164AVX2
		v.Unary[OpLog] = log64AVX2
		v.Unary[OpLog1p] = log1p64AVX2
		v.Unary[OpSoftplus] = softplus64AVX2
		v.Unary[OpTanh] = tanh64AVX2
		v.Unary[OpSigmoid] = sigmoid64AVX2
		v.Binary = [vectorOps]func(dst, x, y []float64){
			add64AVX2, sub64AVX2, mul64AVX2, div64AVX2,
			min64AVX2, max64AVX2, less64AVX2,
		}
		v.Right = [vectorOps]func(dst, x []float64, s float64){
			addRight64AVX2, subRight64AVX2, mulRight64AVX2, divRight64AVX2,
			minRight64AVX2, maxRight64AVX2, lessRight64AVX2,
		}
		v.Left = [vectorOps]func(dst, x []float64, s float64){
			addLeft64AVX2, subLeft64AVX2, mulLeft64AVX2, divLeft64AVX2,
			minLeft64AVX2, maxLeft64AVX2, lessLeft64AVX2,
		}
		v.Fill = fill64AVX2
		v.Where = where64AVX2
		v.WhereElse = whereElse64AVX2
		v.WhereThen = whereThen64AVX2
		v.MulAdd = mulAdd64AVX2
		v.MulAddScaled = mulAddScaled64AVX2
		v.MulAddConst = mulAddConst64AVX2
		v.Affine = affine64AVX2
		v.Blend = blend64AVX2
		v.BlendSquare = blendSquare64AVX2
		v.OverRoot = overRoot64AVX2
	case AVX512:
		v.Unary[OpNeg] = neg64AVX512
		v.Unary[OpAbs] = abs64AVX512
		v.Unary[OpSqrt] = sqrt64AVX512
		v.Unary[OpExp] = exp64AVX512
		v.Unary[OpExpm1] = expm164AVX512
		v.Unary[OpLog] = log64AVX512
		v.Unary[OpLog1p] = log1p64AVX512
		v.Unary[OpSoftplus] = softplus64AVX512
		v.Unary[OpTanh] = tanh64AVX512
		v.Unary[OpSigmoid] = sigmoid64AVX512
		v.Binary = [vectorOps]func(dst, x, y []float64){
			add64AVX512, sub64AVX512, mul64AVX512, div64AVX512,
			min64AVX512, max64AVX512, less64AVX512,
		}
		v.Right = [vectorOps]func(dst, x []float64, s float64){
			addRight64AVX512, subRight64AVX512, mulRight64AVX512, divRight64AVX512,
			minRight64AVX512, maxRight64AVX512, lessRight64AVX512,
		}
		v.Left = [vectorOps]func(dst, x []float64, s float64){
			addLeft64AVX512, subLeft64AVX512, mulLeft64AVX512, divLeft64AVX512,
			minLeft64AVX512, maxLeft64AVX512, lessLeft64AVX512,
		}
		v.Fill = fill64AVX512
		v.Where = where64AVX512
		v.WhereElse = whereElse64AVX512
		v.WhereThen = whereThen64AVX512
		v.MulAdd = mulAdd64AVX512
		v.MulAddScaled = mulAddScaled64AVX512
		v.MulAddConst = mulAddConst64AVX512
		v.Affine = affine64AVX512
		v.Blend = blend64AVX512
		v.BlendSquare = blendSquare64AVX512
		v.OverRoot = overRoot64AVX512
	}
}
