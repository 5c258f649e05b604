package kernel

// Softmax sets dst[i] = e^(x[i]-max(x)) / (sum of e^(x[j]-max(x))). dst may be x.
func (v *Vector[T]) Softmax(dst, x []T) {
	dst = dst[:min(len(dst), len(x))]
	v.Right[OpSub](dst, x, v.Max(x[:len(dst)]))
	v.Unary[OpExp](dst, dst)
	v.Right[OpDiv](dst, dst, v.Sum(dst))
}

// LogSoftmax sets dst[i] = (x[i]-max(x)) - log(sum of e^(x[j]-max(x))). dst must
// not overlap x.
func (v *Vector[T]) LogSoftmax(dst, x []T) {
	dst = dst[:min(len(dst), len(x))]
	if len(dst) == 0 {
		return
	}
	top := v.Max(x[:len(dst)])
	v.Right[OpSub](dst, x, top)
	v.Unary[OpExp](dst, dst)
	dst[0] = v.Sum(dst)
	v.Unary[OpLog](dst[:1], dst[:1])
	logSum := dst[0]
	v.Right[OpSub](dst, x, top)
	v.Right[OpSub](dst, dst, logSum)
}

// SoftmaxColumns replaces each column of x [n, columns] by its softmax. Sums are taken
// from the first element to the last. scratch has at least columns elements.
func (v *Vector[T]) SoftmaxColumns(x []T, columns int, scratch []T) {
	sum := scratch[:columns]
	v.subtractTop(x, columns, sum)
	v.sumExp(x, x, columns, sum)
	for at := 0; at < len(x); at += columns {
		v.Binary[OpDiv](x[at:at+columns], x[at:at+columns], sum)
	}
}

// LogSoftmaxColumns replaces each column of x [n, columns] by its log-softmax. scratch
// has at least columns elements more than x.
func (v *Vector[T]) LogSoftmaxColumns(x []T, columns int, scratch []T) {
	sum, exp := scratch[:columns], scratch[columns:columns+len(x)]
	v.subtractTop(x, columns, sum)
	v.sumExp(exp, x, columns, sum)
	v.Unary[OpLog](sum, sum)
	for at := 0; at < len(x); at += columns {
		v.Binary[OpSub](x[at:at+columns], x[at:at+columns], sum)
	}
}

// subtractTop subtracts from each column its greatest element, which it writes to top.
func (v *Vector[T]) subtractTop(x []T, columns int, top []T) {
	v.Copy(top, x[:columns])
	for at := columns; at < len(x); at += columns {
		v.Binary[OpMax](top, top, x[at:at+columns])
	}
	for at := 0; at < len(x); at += columns {
		v.Binary[OpSub](x[at:at+columns], x[at:at+columns], top)
	}
}

// sumExp sets dst to e^x, and sum to the sum of each of its columns.
func (v *Vector[T]) sumExp(dst, x []T, columns int, sum []T) {
	v.Unary[OpExp](dst, x)
	v.Copy(sum, dst[:columns])
	v.AddRows(sum, dst[columns:], len(dst)/columns-1, columns)
}
