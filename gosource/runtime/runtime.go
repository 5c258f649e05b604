// Package runtime has the functions that generated code calls. Package gosource copies
// those that a net needs into its file. Arrays are row-major.
package runtime

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"sort"
)

// Generated code calls these; nothing here does.
var _ = []any{
	decode, view, concat, pad, reduceSum, softmax, matMul, conv, convData, maxPool, poolSum, poolSpread,
	gather, takeAlong, putAlong, topK, cumSum, lstm, gru, rnn, softplus, less, where,
}

// decode reads numbers from base64.
func decode(text string) []float32 {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic("the weights of this file are damaged: " + err.Error())
	}
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x
}

// view copies the elements at off + i0*strides[0] + i1*strides[1] + ...
func view(x []float32, shape, strides []int, off int) []float32 {
	size := 1
	for _, n := range shape {
		size *= n
	}
	y := make([]float32, size)
	at := make([]int, len(shape))
	for i := range y {
		y[i] = x[off]
		for a := len(shape) - 1; a >= 0; a-- {
			off += strides[a]
			if at[a]++; at[a] < shape[a] {
				break
			}
			off -= strides[a] * shape[a]
			at[a] = 0
		}
	}
	return y
}

// concat joins arrays, each with sizes[k] elements for each of the outer places.
func concat(outer int, sizes []int, xs ...[]float32) []float32 {
	var y []float32
	for o := 0; o < outer; o++ {
		for k, x := range xs {
			y = append(y, x[o*sizes[k]:(o+1)*sizes[k]]...)
		}
	}
	return y
}

// pad puts x of one shape into zeros of another at a place.
func pad(x []float32, from, to, before []int) []float32 {
	size, off := 1, 0
	strides := make([]int, len(to))
	for a := len(to) - 1; a >= 0; a-- {
		strides[a] = size
		size *= to[a]
		off += before[a] * strides[a]
	}
	y := make([]float32, size)
	at := make([]int, len(from))
	for _, v := range x {
		y[off] = v
		for a := len(from) - 1; a >= 0; a-- {
			off += strides[a]
			if at[a]++; at[a] < from[a] {
				break
			}
			off -= strides[a] * from[a]
			at[a] = 0
		}
	}
	return y
}

// reduceSum adds up along the middle axis of [outer, n, inner].
func reduceSum(x []float32, outer, n, inner int) []float32 {
	y := make([]float32, outer*inner)
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			sum := 0.0
			for k := 0; k < n; k++ {
				sum += float64(x[(o*n+k)*inner+i])
			}
			y[o*inner+i] = float32(sum)
		}
	}
	return y
}

// reduceMax takes the maximum along the middle axis of [outer, n, inner].
func reduceMax(x []float32, outer, n, inner int) []float32 {
	y := make([]float32, outer*inner)
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			most := math.Inf(-1)
			for k := 0; k < n; k++ {
				most = math.Max(most, float64(x[(o*n+k)*inner+i]))
			}
			y[o*inner+i] = float32(most)
		}
	}
	return y
}

// softmax is e^x over its sum along the middle axis of [outer, n, inner], or the logarithm
// of that.
func softmax(x []float32, outer, n, inner int, log bool) []float32 {
	y := make([]float32, len(x))
	most := reduceMax(x, outer, n, inner)
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			m, sum := float64(most[o*inner+i]), 0.0
			for k := 0; k < n; k++ {
				sum += math.Exp(float64(x[(o*n+k)*inner+i]) - m)
			}
			for k := 0; k < n; k++ {
				at := (o*n+k)*inner + i
				if v := float64(x[at]) - m; log {
					y[at] = float32(v - math.Log(sum))
				} else {
					y[at] = float32(math.Exp(v) / sum)
				}
			}
		}
	}
	return y
}

// matMul multiplies batches of [m, k] by [k, n].
func matMul(x, y []float32, batch, m, k, n int) []float32 {
	z := make([]float32, batch*m*n)
	for b := 0; b < batch; b++ {
		for i := 0; i < m; i++ {
			row := z[(b*m+i)*n : (b*m+i+1)*n]
			for j := 0; j < k; j++ {
				v := x[(b*m+i)*k+j]
				for q, w := range y[(b*k+j)*n : (b*k+j+1)*n] {
					row[q] += v * w
				}
			}
		}
	}
	return z
}

// geometry says how a window of kh by kw moves over images of h by w in p by q places.
type geometry struct {
	n, c, h, w, o, p, q, kh, kw, sh, sw, dh, dw, top, left, groups int
}

// taps calls f for each tap of each window within the image: with the window, the tap and
// the pixel.
func (g geometry) taps(f func(window, tap, pixel int)) {
	for p := 0; p < g.p; p++ {
		for q := 0; q < g.q; q++ {
			for i := 0; i < g.kh; i++ {
				for j := 0; j < g.kw; j++ {
					y, x := p*g.sh+i*g.dh-g.top, q*g.sw+j*g.dw-g.left
					if y >= 0 && y < g.h && x >= 0 && x < g.w {
						f(p*g.q+q, i*g.kw+j, y*g.w+x)
					}
				}
			}
		}
	}
}

// conv correlates images [n,c,h,w] with kernels [o,c/groups,kh,kw] to [n,o,p,q].
func conv(x, k []float32, g geometry) []float32 {
	y := make([]float32, g.n*g.o*g.p*g.q)
	each, kernels := g.c/g.groups, g.o/g.groups
	g.taps(func(window, tap, pixel int) {
		for n := 0; n < g.n; n++ {
			for o := 0; o < g.o; o++ {
				first := n*g.c + o/kernels*each
				sum := float32(0)
				for c := 0; c < each; c++ {
					sum += k[(o*each+c)*g.kh*g.kw+tap] * x[(first+c)*g.h*g.w+pixel]
				}
				y[(n*g.o+o)*g.p*g.q+window] += sum
			}
		}
	})
	return y
}

// convData is the transposed convolution: of [n,o,p,q] with kernels [o,c/groups,kh,kw] to
// [n,c,h,w].
func convData(dy, k []float32, g geometry) []float32 {
	x := make([]float32, g.n*g.c*g.h*g.w)
	each, kernels := g.c/g.groups, g.o/g.groups
	g.taps(func(window, tap, pixel int) {
		for n := 0; n < g.n; n++ {
			for o := 0; o < g.o; o++ {
				first, v := n*g.c+o/kernels*each, dy[(n*g.o+o)*g.p*g.q+window]
				for c := 0; c < each; c++ {
					x[(first+c)*g.h*g.w+pixel] += v * k[(o*each+c)*g.kh*g.kw+tap]
				}
			}
		}
	})
	return x
}

// maxPool takes the maximum of each window.
func maxPool(x []float32, g geometry) []float32 {
	y := make([]float32, g.n*g.c*g.p*g.q)
	for i := range y {
		y[i] = float32(math.Inf(-1))
	}
	g.taps(func(window, tap, pixel int) {
		for c := 0; c < g.n*g.c; c++ {
			at := c*g.p*g.q + window
			y[at] = float32(math.Max(float64(y[at]), float64(x[c*g.h*g.w+pixel])))
		}
	})
	return y
}

// poolSum adds up each window and divides: by the window's pixels inside the image if
// divisor is 0, else by divisor.
func poolSum(x []float32, g geometry, divisor float32) []float32 {
	y := make([]float32, g.n*g.c*g.p*g.q)
	count := make([]float32, g.p*g.q)
	g.taps(func(window, tap, pixel int) {
		count[window]++
		for c := 0; c < g.n*g.c; c++ {
			y[c*g.p*g.q+window] += x[c*g.h*g.w+pixel]
		}
	})
	for i := range y {
		if divisor == 0 {
			y[i] /= count[i%len(count)]
		} else {
			y[i] /= divisor
		}
	}
	return y
}

// poolSpread adds each element of [n,c,p,q], divided as poolSum does, to the pixels of its
// window.
func poolSpread(y []float32, g geometry, divisor float32) []float32 {
	x := make([]float32, g.n*g.c*g.h*g.w)
	count := make([]float32, g.p*g.q)
	g.taps(func(window, tap, pixel int) { count[window]++ })
	g.taps(func(window, tap, pixel int) {
		by := divisor
		if by == 0 {
			by = count[window]
		}
		for c := 0; c < g.n*g.c; c++ {
			x[c*g.h*g.w+pixel] += y[c*g.p*g.q+window] / by
		}
	})
	return x
}

// gather takes rows of the middle axis of [outer, n, inner]. A row that does not exist is
// NaN.
func gather(x, numbers []float32, outer, n, inner int) []float32 {
	y := make([]float32, 0, outer*len(numbers)*inner)
	for o := 0; o < outer; o++ {
		for _, v := range numbers {
			for i := 0; i < inner; i++ {
				if v >= 0 && v < float32(n) {
					y = append(y, x[(o*n+int(v))*inner+i])
				} else {
					y = append(y, float32(math.NaN()))
				}
			}
		}
	}
	return y
}

// takeAlong takes m elements by their numbers along the middle axis of [outer, n, inner].
func takeAlong(x, numbers []float32, outer, n, m, inner int) []float32 {
	y := make([]float32, len(numbers))
	for at, v := range numbers {
		if y[at] = float32(math.NaN()); v >= 0 && v < float32(n) {
			y[at] = x[(at/(m*inner)*n+int(v))*inner+at%inner]
		}
	}
	return y
}

// putAlong adds elements of [outer, m, inner] to zeros [outer, n, inner] at their numbers.
func putAlong(x, numbers []float32, outer, n, m, inner int) []float32 {
	y := make([]float32, outer*n*inner)
	for at, v := range numbers {
		if v >= 0 && v < float32(n) {
			y[(at/(m*inner)*n+int(v))*inner+at%inner] += x[at]
		}
	}
	return y
}

// topK takes the k greatest along the middle axis of [outer, n, inner], and where they
// are. Of equal elements the earlier comes first.
func topK(x []float32, outer, n, inner, k int) (values, numbers []float32) {
	values, numbers = make([]float32, outer*k*inner), make([]float32, outer*k*inner)
	order := make([]int, n)
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			at := func(j int) float32 { return x[(o*n+j)*inner+i] }
			for j := range order {
				order[j] = j
			}
			sort.SliceStable(order, func(a, b int) bool {
				v, w := at(order[a]), at(order[b])
				return v > w || v != v && w == w
			})
			for j, from := range order[:k] {
				values[(o*k+j)*inner+i], numbers[(o*k+j)*inner+i] = at(from), float32(from)
			}
		}
	}
	return values, numbers
}

// cumSum adds up along the middle axis of [outer, n, inner].
func cumSum(x []float32, outer, n, inner int, exclusive, reverse bool) []float32 {
	y := make([]float32, len(x))
	for o := 0; o < outer; o++ {
		for i := 0; i < inner; i++ {
			sum := 0.0
			for k := 0; k < n; k++ {
				at := (o*n+k)*inner + i
				if reverse {
					at = (o*n+n-1-k)*inner + i
				}
				before := sum
				if sum += float64(x[at]); exclusive {
					y[at] = float32(before)
				} else {
					y[at] = float32(sum)
				}
			}
		}
	}
	return y
}

// recurrence is the size of a recurrence over n samples: given is 1 if all steps read the
// same input, else steps.
type recurrence struct {
	n, steps, given, d, h, gates int
	reverse                      bool
	states                       [][]float32 // before the first step; nil is 0
}

// run runs a cell. It calls step for each unit with the projections of the input and of the
// state, and the states, which step changes. It returns h of all steps [n,steps,h], and the
// second state of all steps [steps,n,h] if the cell has one.
func (r recurrence) run(x, wx, wh, bias []float32, states int, step func(zx, zh, b, state []float64)) (h, c []float32) {
	h, c = make([]float32, r.n*r.steps*r.h), make([]float32, r.steps*r.n*r.h)
	columns, blocks := r.gates*r.h, len(bias)/r.h
	zx, zh, b := make([]float64, r.gates), make([]float64, r.gates), make([]float64, blocks)
	for n := 0; n < r.n; n++ {
		state := make([][]float64, r.h)
		for u := range state {
			state[u] = make([]float64, states)
			for s := range r.states {
				state[u][s] = float64(r.states[s][n*r.h+u])
			}
		}
		for k := 0; k < r.steps; k++ {
			t := k
			if r.reverse {
				t = r.steps - 1 - k
			}
			from := t
			if r.given == 1 {
				from = 0
			}
			projected, recurrent := make([]float64, columns), make([]float64, columns)
			for d := 0; d < r.d; d++ {
				v := float64(x[(n*r.given+from)*r.d+d])
				for j := range projected {
					projected[j] += v * float64(wx[d*columns+j])
				}
			}
			for u := range state {
				v := state[u][0]
				for j := range recurrent {
					recurrent[j] += v * float64(wh[u*columns+j])
				}
			}
			for u := range state {
				for g := range zx {
					zx[g], zh[g] = projected[g*r.h+u], recurrent[g*r.h+u]
				}
				for g := range b {
					b[g] = float64(bias[g*r.h+u])
				}
				step(zx, zh, b, state[u])
				h[(n*r.steps+t)*r.h+u] = float32(state[u][0])
				if states > 1 {
					c[(t*r.n+n)*r.h+u] = float32(state[u][1])
				}
			}
		}
	}
	return h, c
}

// lstm is Hochreiter and Schmidhuber's cell, with the gates i, f, g, o.
func lstm(x, wx, wh, bias []float32, r recurrence) (h, c []float32) {
	return r.run(x, wx, wh, bias, 2, func(zx, zh, b, s []float64) {
		z := func(g int) float64 { return zx[g] + zh[g] + b[g] }
		s[1] = sigmoid(z(1))*s[1] + sigmoid(z(0))*math.Tanh(z(2))
		s[0] = sigmoid(z(3)) * math.Tanh(s[1])
	})
}

// gru is Cho's cell with the reset gate after the product.
func gru(x, wx, wh, bias []float32, r recurrence) (h, c []float32) {
	return r.run(x, wx, wh, bias, 1, func(zx, zh, b, s []float64) {
		reset, keep := sigmoid(zx[0]+zh[0]+b[0]), sigmoid(zx[1]+zh[1]+b[1])
		next := math.Tanh(zx[2] + b[2] + reset*(zh[2]+b[3]))
		s[0] = next + keep*(s[0]-next)
	})
}

// rnn is Elman's cell.
func rnn(x, wx, wh, bias []float32, r recurrence) (h, c []float32) {
	return r.run(x, wx, wh, bias, 1, func(zx, zh, b, s []float64) { s[0] = math.Tanh(zx[0] + zh[0] + b[0]) })
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func less(x, y float64) float64 {
	if x < y {
		return 1
	}
	return 0
}

func where(cond, x, y float64) float64 {
	if cond != 0 {
		return x
	}
	return y
}
