package main

import (
	"slices"
	"strings"
)

// kernels lists the elementwise kernels of the element's type. Loads and stores limit
// the kernels of one instruction, which need few chains. The others have as many chains
// as fit into the registers.
func kernels() []kernel {
	type values = []vec
	unary := func(name string, narrow, wide int, f func(m machine, x vec) vec) kernel {
		return kernel{name: name, place: "Unary[" + opName(name) + "]", inputs: 1, narrow: narrow, wide: wide,
			body: func(m machine, in, s values) vec { return f(m, in[0]) }}
	}
	one := func(name, place string, inputs, scalars, narrow, wide int, body func(m machine, in, s values) vec) kernel {
		return kernel{name: name, place: place, inputs: inputs, scalars: scalars, narrow: narrow, wide: wide, body: body}
	}
	all := []kernel{
		one("fill", "Fill", 0, 1, 4, 4, func(m machine, in, s values) vec { return s[0] }),
		unary("neg", 4, 4, func(m machine, x vec) vec { return m.xor(x, m.bits(m.signBit())) }),
		unary("abs", 4, 4, machine.abs),
		unary("sqrt", 4, 4, machine.sqrt),
		unary("exp", 4, 4, machine.expOf),
		unary("expm1", 3, 4, element.expm1),
		unary("log", 2, 4, element.log),
		unary("log1p", element.log1pChains, 4, element.log1p),
		unary("tanh", 3, 4, element.tanh),
		unary("sigmoid", 3, 4, machine.sigmoidOf),
		unary("softplus", 3, 4, machine.softplusOf),
		unary("erf", 3, 4, machine.erfOf),
		one("normal", "", 1, 0, 2, 4, func(m machine, in, s values) vec { return m.normalOf(in[0]) }),
		one("where", "Where", 3, 0, 4, 4, func(m machine, in, s values) vec { return m.whereOf(in[0], in[1], in[2]) }),
		one("whereElse", "WhereElse", 2, 1, 4, 4, func(m machine, in, s values) vec { return m.unlessOf(in[0], s[0], in[1]) }),
		one("whereThen", "WhereThen", 2, 1, 4, 4, func(m machine, in, s values) vec { return m.whereOf(in[0], s[0], in[1]) }),
		one("mulAdd", "MulAdd", 3, 0, 4, 4, func(m machine, in, s values) vec { return m.mulAdd(in[0], in[1], in[2]) }),
		one("mulAddScaled", "MulAddScaled", 2, 1, 4, 4, func(m machine, in, s values) vec { return m.mulAdd(in[0], s[0], in[1]) }),
		one("mulAddConst", "MulAddConst", 2, 1, 4, 4, func(m machine, in, s values) vec { return m.mulAdd(in[0], in[1], s[0]) }),
		one("affine", "Affine", 1, 2, 4, 4, func(m machine, in, s values) vec { return m.mulAdd(in[0], s[0], s[1]) }),
		one("blend", "Blend", 2, 2, 4, 4, func(m machine, in, s values) vec { return m.mulAdd(in[0], s[0], m.mul(in[1], s[1])) }),
		one("blendSquare", "BlendSquare", 2, 2, 4, 4, func(m machine, in, s values) vec {
			return m.mulAdd(in[0], s[0], m.mul(m.mul(in[1], in[1]), s[1]))
		}),
		one("overRoot", "OverRoot", 3, 3, 2, 4, func(m machine, in, s values) vec {
			return m.sub(in[0], m.div(m.mul(in[1], s[0]), m.add(m.sqrt(m.mul(in[2], s[1])), s[2])))
		}),
		{name: "adam", place: "Adam", inputs: 4, scalars: 7, narrow: 1, wide: 2, results: []string{"m", "v", "w"}, several: machine.adamOf},
		{name: "softplusSigmoid", place: "SoftplusSigmoid", inputs: 1, narrow: 2, wide: 4, results: []string{"softplus", "sigmoid"},
			several: func(m machine, in, s []vec) []vec {
				t := m.expOfMinusAbs(in[0])
				sigmoid := element.sigmoidFrom(m, in[0], t)
				return []vec{element.softplusFrom(m, in[0], t), sigmoid}
			}},
	}
	for _, op := range []struct {
		name string
		f    func(m machine, x, y vec) vec
	}{
		{"add", machine.add},
		{"sub", machine.sub},
		{"mul", machine.mul},
		{"div", machine.div},
		{"min", machine.minOf},
		{"max", machine.maxOf},
		{"less", machine.lessOf},
	} {
		all = append(all,
			one(op.name, "Binary["+opName(op.name)+"]", 2, 0, 4, 4, func(m machine, in, s values) vec { return op.f(m, in[0], in[1]) }),
			one(op.name+"Right", "Right["+opName(op.name)+"]", 1, 1, 4, 4, func(m machine, in, s values) vec { return op.f(m, in[0], s[0]) }),
			one(op.name+"Left", "Left["+opName(op.name)+"]", 1, 1, 4, 4, func(m machine, in, s values) vec { return op.f(m, s[0], in[0]) }))
	}
	if element.size != 4 {
		all = slices.DeleteFunc(all, func(k kernel) bool { return k.name == "erf" || k.name == "normal" })
	}
	return all
}

// opName is the VectorOp of a function: OpExp for exp.
func opName(function string) string { return "Op" + strings.ToUpper(function[:1]) + function[1:] }

// minOf and maxOf are NaN where x or y is NaN, and y where both are zero.
func (m machine) minOf(x, y vec) vec {
	return m.choose(m.compare(unordered, x, x), x, m.min(x, y))
}

func (m machine) maxOf(x, y vec) vec {
	return m.choose(m.compare(unordered, x, x), x, m.max(x, y))
}

func (m machine) lessOf(x, y vec) vec { return m.where(m.compare(less, x, y), m.num(1)) }

// whereOf overwrites y, unlessOf overwrites x.
func (m machine) whereOf(c, x, y vec) vec {
	return m.choose(m.compare(notEqual, c, m.num(0)), x, y)
}

func (m machine) unlessOf(c, y, x vec) vec {
	return m.choose(m.compare(equal, c, m.num(0)), y, x)
}

// adamOf is blend, blendSquare and overRoot of moments, weights and their gradient.
func (m machine) adamOf(in, s []vec) []vec {
	x, y, w, g := in[0], in[1], in[2], in[3]
	x = m.mulAdd(x, s[0], m.mul(g, s[1]))
	y = m.mulAdd(y, s[2], m.mul(m.mul(g, g), s[3]))
	return []vec{x, y, m.sub(w, m.div(m.mul(x, s[4]), m.add(m.sqrt(m.mul(y, s[5])), s[6])))}
}
