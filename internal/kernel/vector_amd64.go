// The vector kernels of amd64.

//go:build amd64 && !purego

package kernel

// bindVector puts the assembly for isa in the place of the plain kernels.
func bindVector(v *Vector[float32], isa ISA) {
	switch isa {
	case AVX2:
		v.Unary = [vectorOps]func(dst, x []float32){
			OpNeg:      negAVX2,
			OpAbs:      absAVX2,
			OpSqrt:     sqrtAVX2,
			OpExp:      expAVX2,
			OpExpm1:    expm1AVX2,
			OpLog:      logAVX2,
			OpLog1p:    log1pAVX2,
			OpTanh:     tanhAVX2,
			OpSigmoid:  sigmoidAVX2,
			OpSoftplus: softplusAVX2,
			OpErf:      erfAVX2,
		}
		v.Binary = [vectorOps]func(dst, x, y []float32){
			addAVX2, subAVX2, mulAVX2, divAVX2,
			minAVX2, maxAVX2, lessAVX2,
		}
		v.Right = [vectorOps]func(dst, x []float32, s float32){
			addRightAVX2, subRightAVX2, mulRightAVX2, divRightAVX2,
			minRightAVX2, maxRightAVX2, lessRightAVX2,
		}
		v.Left = [vectorOps]func(dst, x []float32, s float32){
			addLeftAVX2, subLeftAVX2, mulLeftAVX2, divLeftAVX2,
			minLeftAVX2, maxLeftAVX2, lessLeftAVX2,
		}
		v.Fill = fillAVX2
		v.Where = whereAVX2
		v.WhereElse = whereElseAVX2
		v.WhereThen = whereThenAVX2
		v.MulAdd = mulAddAVX2
		v.MulAddScaled = mulAddScaledAVX2
		v.MulAddConst = mulAddConstAVX2
		v.Affine = affineAVX2
		v.Blend = blendAVX2
		v.BlendSquare = blendSquareAVX2
		v.OverRoot = overRootAVX2
		v.Sum = sumAVX2
		v.Max = maxOfAVX2
		v.AddRows = addRowsAVX2
	case AVX512:
		v.Unary = [vectorOps]func(dst, x []float32){
			OpNeg:      negAVX512,
			OpAbs:      absAVX512,
			OpSqrt:     sqrtAVX512,
			OpExp:      expAVX512,
			OpExpm1:    expm1AVX512,
			OpLog:      logAVX512,
			OpLog1p:    log1pAVX512,
			OpTanh:     tanhAVX512,
			OpSigmoid:  sigmoidAVX512,
			OpSoftplus: softplusAVX512,
			OpErf:      erfAVX512,
		}
		v.Binary = [vectorOps]func(dst, x, y []float32){
			addAVX512, subAVX512, mulAVX512, divAVX512,
			minAVX512, maxAVX512, lessAVX512,
		}
		v.Right = [vectorOps]func(dst, x []float32, s float32){
			addRightAVX512, subRightAVX512, mulRightAVX512, divRightAVX512,
			minRightAVX512, maxRightAVX512, lessRightAVX512,
		}
		v.Left = [vectorOps]func(dst, x []float32, s float32){
			addLeftAVX512, subLeftAVX512, mulLeftAVX512, divLeftAVX512,
			minLeftAVX512, maxLeftAVX512, lessLeftAVX512,
		}
		v.Fill = fillAVX512
		v.Where = whereAVX512
		v.WhereElse = whereElseAVX512
		v.WhereThen = whereThenAVX512
		v.MulAdd = mulAddAVX512
		v.MulAddScaled = mulAddScaledAVX512
		v.MulAddConst = mulAddConstAVX512
		v.Affine = affineAVX512
		v.Blend = blendAVX512
		v.BlendSquare = blendSquareAVX512
		v.OverRoot = overRootAVX512
		v.Sum = sumAVX512
		v.Max = maxOfAVX512
		v.AddRows = addRowsAVX512
	}
}
