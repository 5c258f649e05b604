package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// stockCase is a small graph of Gorgonia's ops.
type builtinCase struct {
	name  string
	build func(p *program)
}

func unaryCases() (cases []builtinCase) {
	type unary struct {
		name string
		f    func(*node) (*node, error)
		grad bool
	}
	for _, u := range []unary{
		{"abs", G.Abs, true}, {"sign", G.Sign, false}, {"exp", G.Exp, true}, {"log", G.Log, true},
		{"log2", G.Log2, true}, {"neg", G.Neg, true}, {"square", G.Square, true}, {"sqrt", G.Sqrt, true},
		{"inverse", G.Inverse, true}, {"inverse square root", G.InverseSqrt, true}, {"cube", G.Cube, true},
		{"tanh", G.Tanh, true}, {"sigmoid", G.Sigmoid, true}, {"log1p", G.Log1p, true}, {"expm1", G.Expm1, true},
		{"softplus", G.Softplus, true}, {"rectify", G.Rectify, true}, {"mish", G.Mish, true},
		{"sin", G.Sin, true}, {"cos", G.Cos, true}, {"ceil", G.Ceil, false}, {"floor", G.Floor, false},
		{"leaky", func(x *node) (*node, error) { return G.LeakyRelu(x, 0.1) }, true},
	} {
		for _, shape := range [][]int{{}, {5}, {2, 3}, {3, 1}, {2, 2, 3}, {1}, {1, 1}} {
			cases = append(cases, builtinCase{u.name, func(p *program) {
				x := p.pos(shape...)
				if u.name != "log" && u.name != "log2" && u.name != "sqrt" && u.name != "inverse square root" && u.name != "log1p" {
					x = p.in(shape...)
				}
				y := p.must(u.f(x))
				if u.grad {
					p.grad(y, x)
				}
			}})
		}
	}
	return cases
}

func binaryCases() (cases []builtinCase) {
	ops := map[string]func(a, b *node) (*node, error){
		"add": G.Add, "sub": G.Sub, "product": G.HadamardProd, "quotient": G.HadamardDiv,
		"less":       func(a, b *node) (*node, error) { return G.Lt(a, b, true) },
		"greater":    func(a, b *node) (*node, error) { return G.Gt(a, b, true) },
		"at most":    func(a, b *node) (*node, error) { return G.Lte(a, b, true) },
		"at least":   func(a, b *node) (*node, error) { return G.Gte(a, b, true) },
		"equal":      func(a, b *node) (*node, error) { return G.Eq(a, b, true) },
		"not equal":  func(a, b *node) (*node, error) { return G.Ne(a, b, true) },
		"lesser of":  G.MinBetween,
		"greater of": G.MaxBetween,
	}
	shapes := [][2][]int{{{2, 3}, {2, 3}}, {{}, {2, 3}}, {{2, 3}, {}}, {{}, {}}, {{4}, {4}}, {{4, 1}, {4, 1}}, {{1}, {1}}, {{1, 1}, {1, 1}}, {{2, 1, 3}, {2, 1, 3}}}
	for name, f := range ops {
		between := name == "lesser of" || name == "greater of"
		for _, s := range shapes {
			if between && (len(s[0]) == 0 || len(s[1]) == 0) {
				continue
			}
			cases = append(cases, builtinCase{name, func(p *program) {
				a, b := p.in(s[0]...), p.pos(s[1]...)
				y := p.must(f(a, b))
				if name == "add" || name == "sub" || name == "product" || name == "quotient" {
					p.grad(y, a, b)
				}
			}})
		}
		if between {
			continue
		}
		cases = append(cases, builtinCase{name + " of a constant", func(p *program) {
			p.must(f(p.of([]float64{-1, 0, 0.5, 2}, 4), p.num(0.5)))
			p.must(f(p.num(0.5), p.of([]float64{-1, 0, 0.5, 2}, 4)))
		}}, builtinCase{name + " of equals", func(p *program) {
			p.must(f(p.of([]float64{-1, 0, 0.5, 2}, 2, 2), p.of([]float64{-1, 1, 0.5, 1}, 2, 2)))
		}})
	}
	for _, c := range []float64{0, 1, 2, 3, 5, -1, -2, 0.5, 1.5, 2.2, -0.7, 70, 71} {
		cases = append(cases, builtinCase{"power", func(p *program) {
			x := p.between(0.7, 1.1, 2, 3)
			y := p.must(G.Pow(x, p.num(c)))
			p.grad(y, x)
		}})
	}
	cases = append(cases,
		builtinCase{"power of another node", func(p *program) { p.must(G.Pow(p.pos(2, 3), p.in(2, 3))) }},
		builtinCase{"norms", func(p *program) {
			x := p.pos(2, 3)
			p.must(G.Norm(x, 0, 2))
			p.must(G.Norm(x, 1, 3))
		}},
		builtinCase{"broadcasts", func(p *program) {
			m, row, col := p.in(3, 4), p.in(1, 4), p.in(3, 1)
			a := p.must(G.BroadcastAdd(m, row, nil, []byte{0}))
			b := p.must(G.BroadcastHadamardProd(col, a, []byte{1}, nil))
			c := p.must(G.BroadcastSub(b, p.in(3), nil, []byte{1}))
			d := p.must(G.BroadcastHadamardDiv(c, p.pos(4), nil, []byte{0}))
			p.grad(d, m, row, col)
		}},
		builtinCase{"broadcasts of images", func(p *program) {
			x, scale := p.in(2, 3, 4, 5), p.in(1, 3, 1, 1)
			p.grad(p.must(G.BroadcastHadamardProd(x, scale, nil, []byte{0, 2, 3})), x)
		}},
		builtinCase{"cross entropy", func(p *program) {
			x, y := p.between(0.1, 0.9, 2, 3), p.between(0.1, 0.9, 2, 3)
			p.grad(p.must(G.BinaryXent(x, y)), x)
		}},
	)
	return cases
}

func productCases() (cases []builtinCase) {
	two := func(name string, f func(a, b *node) (*node, error), a, b []int) {
		cases = append(cases, builtinCase{name, func(p *program) {
			x, y := p.in(a...), p.in(b...)
			p.grad(p.must(f(x, y)), x, y)
		}})
	}
	two("matmul", G.Mul, []int{2, 3}, []int{3, 4})
	two("matmul", G.Mul, []int{1, 3}, []int{3, 1})
	two("matmul", G.Mul, []int{3, 1}, []int{1, 4})
	two("matmul", G.Mul, []int{1, 1}, []int{1, 1})
	two("matvec", G.Mul, []int{2, 3}, []int{3})
	two("matvec", G.Mul, []int{3, 3}, []int{3})
	two("vecmat", G.Mul, []int{3}, []int{3, 2})
	two("vecmat", G.Mul, []int{3}, []int{3, 3})
	two("dot", G.Mul, []int{3}, []int{3})
	two("outer", G.OuterProd, []int{3}, []int{3})
	for _, tr := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
		f := func(a, b *node) (*node, error) { return G.BatchedMatMul(a, b, tr[0], tr[1]) }
		a, b := []int{2, 3, 4}, []int{2, 4, 5}
		if tr[0] {
			a[1], a[2] = a[2], a[1]
		}
		if tr[1] {
			b[1], b[2] = b[2], b[1]
		}
		two("batched", f, a, b)
		two("batched twice", f, append([]int{3}, a...), append([]int{3}, b...))
	}
	dot := func(a, b []int) func(x, y *node) (*node, error) {
		return func(x, y *node) (*node, error) { return G.Tensordot(a, b, x, y) }
	}
	two("tensordot", dot([]int{1}, []int{0}), []int{2, 3}, []int{3, 4})
	two("tensordot", dot([]int{0}, []int{1}), []int{3, 2}, []int{4, 3})
	two("tensordot", dot([]int{1, 2}, []int{0, 1}), []int{2, 3, 4}, []int{3, 4, 5})
	two("tensordot", dot([]int{2, 0}, []int{1, 2}), []int{2, 3, 4}, []int{5, 4, 2})
	two("tensordot", dot([]int{0}, []int{0}), []int{3}, []int{3})
	two("tensordot", dot([]int{1}, []int{0}), []int{2, 3}, []int{3})
	cases = append(cases, builtinCase{"outer of unequal lengths", func(p *program) {
		p.must(G.OuterProd(p.in(3), p.in(4)))
	}})
	return cases
}

func axesCases() (cases []builtinCase) {
	one := func(name string, f func(x *node) (*node, error), shape ...int) {
		cases = append(cases, builtinCase{name, func(p *program) {
			x := p.in(shape...)
			p.grad(p.must(f(x)), x)
		}})
	}
	along := func(f func(*node, ...int) (*node, error), axes ...int) func(*node) (*node, error) {
		return func(x *node) (*node, error) { return f(x, axes...) }
	}
	for name, f := range map[string]func(*node, ...int) (*node, error){"sum": G.Sum, "mean": G.Mean, "max": G.Max} {
		one(name, along(f), 5)
		one(name, along(f), 2, 3)
		one(name, along(f, 0), 2, 3)
		one(name, along(f, 1), 2, 3)
		one(name, along(f, 0), 3, 1)
		one(name, along(f, 1), 3, 1)
		one(name, along(f), 2, 3, 4)
	}
	for name, f := range map[string]func(*node, ...int) (*node, error){"softmax": G.SoftMax, "log softmax": G.LogSoftMax} {
		one(name, along(f), 2, 3)
		one(name, along(f, 0), 2, 3)
		one(name, along(f, 1), 2, 3)
		one(name, along(f), 5)
		one(name, along(f, 1), 2, 3, 4)
		one(name, along(f, 0), 2, 3, 4)
		one(name, along(f, 2), 2, 3, 4)
		one(name, along(f), 1, 3)
	}
	one("transpose", along(G.Transpose), 2, 3)
	one("transpose", along(G.Transpose, 1, 2, 0), 2, 3, 4)
	one("transpose", along(G.Transpose, 0, 3, 1, 2), 2, 3, 4, 5)
	one("reshape", func(x *node) (*node, error) { return G.Reshape(x, tensor.Shape{3, 2}) }, 2, 3)
	one("ravel", G.Ravel, 2, 3)
	slice := func(s ...tensor.Slice) func(*node) (*node, error) {
		return func(x *node) (*node, error) { return G.Slice(x, s...) }
	}
	one("slice", slice(G.S(1)), 3, 4)
	one("slice", slice(nil, G.S(1)), 3, 4)
	one("slice", slice(G.S(1, 3)), 3, 4)
	one("slice", slice(G.S(0, 2), G.S(1, 3)), 3, 4)
	one("slice", slice(nil, G.S(0, 4, 2)), 3, 4)
	one("slice", slice(G.S(1, 3)), 5)
	one("slice", slice(G.S(2)), 5)
	one("slice", slice(nil, G.S(1, 3)), 2, 4, 3)
	one("slice", slice(nil, nil, G.S(1)), 2, 4, 3)
	for axis := range 2 {
		cases = append(cases, builtinCase{"concat", func(p *program) {
			a, b, c := p.in(2, 3), p.in(2, 3), p.in(2, 3)
			p.grad(p.must(G.Concat(axis, a, b, c)), a, b, c)
		}})
	}
	cases = append(cases,
		builtinCase{"concat of one row", func(p *program) {
			a, b := p.in(1, 3), p.in(2, 3)
			p.grad(p.must(G.Concat(0, a, b)), a, b)
		}},
		builtinCase{"diagonal", func(p *program) { p.must(G.DiagFlat(p.in(3))) }},
		builtinCase{"identity", func(p *program) { p.must(G.ApplyOp(G.Iop{}, p.in(3))) }},
		builtinCase{"size", func(p *program) {
			x := p.in(3, 4)
			p.must(G.HadamardProd(x, p.must(G.SizeOf(1, x))))
		}},
	)
	return cases
}

// TestOpsMeanWhatTapeMachineComputes runs each case's graph with its gradients. Every
// node must be recognised and equal TapeMachine's.
func TestOpsMeanWhatTapeMachineComputes(t *testing.T) {
	for _, list := range [][]builtinCase{unaryCases(), binaryCases(), productCases(), axesCases()} {
		for _, c := range list {
			for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
				t.Run(c.name+" "+dt.String(), func(t *testing.T) {
					p := newProgram(t, dt)
					c.build(p)
					o := p.compare()
					require.Empty(t, o.hosts)
					require.Empty(t, o.faults)
					require.NotEmpty(t, o.compared)
				})
			}
		}
	}
}
