package main

// The nets, made of ops whose gradients the pure Go backend can compute. It
// cannot for slices, padding and convolutions, so each gate of an LSTM has its
// own weights, and a convolution gathers its pixels.

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/pkg/core/graph" // as is usual in GoMLX programs
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
)

// model computes the loss, or the code, of a batch x [batch, values] and, if
// given, the noise.
type model func(ctx *context.Context, in []*Node) *Node

// load puts the weights of the file into the context and returns the net.
func load(ctx *context.Context, n talk.Net, files map[string]talk.Tensor) (model, error) {
	if b := largest(n); b > memory && !n.Encode {
		return nil, fmt.Errorf("the gradient of a product is a sum of elementwise products in GoMLX, which XLA would fuse; the Go backend would keep %d GiB for one layer", b>>30)
	}
	for name, t := range files {
		if name, ok := strings.CutPrefix(name, "w/"); ok {
			variables(ctx, n, name, t)
		}
	}
	switch n.Kind {
	case "dense":
		return dense(n), nil
	case "vae":
		return vae(n), nil
	case "lstm":
		return lstm(n), nil
	case "conv":
		return convNet(n), nil
	}
	return nil, fmt.Errorf("there is no net of kind %q", n.Kind)
}

// variables makes the variables of one of our weights: an LSTM's is split into
// one for each gate, and kernels [F,C,3,3] become [9,C,F], also those of
// transposed convolutions.
func variables(ctx *context.Context, n talk.Net, name string, t talk.Tensor) {
	set := func(name string, data []float32, shape ...int) {
		ctx.VariableWithValue(variable(name), tensors.FromFlatDataAndDimensions(data, shape...))
	}
	last := t.Shape[len(t.Shape)-1]
	switch {
	case strings.Contains(name, "lstm"):
		rows, units := len(t.Data)/last, last/4
		for gate := range 4 {
			var part []float32
			for row := range rows {
				from := row*last + gate*units
				part = append(part, t.Data[from:from+units]...)
			}
			set(fmt.Sprint(name, gate), part, rows, units)
		}
	case len(t.Shape) == 4:
		outs, ins, taps := t.Shape[0], t.Shape[1], t.Shape[2]*t.Shape[3]
		transposed := n.Strided && strings.HasPrefix(name, "decoder/up")
		if transposed {
			outs, ins = ins, outs
		}
		data := make([]float32, len(t.Data))
		for f := range outs {
			for c := range ins {
				from := (f*ins + c) * taps
				if transposed {
					from = (c*outs + f) * taps
				}
				for tap := range taps {
					data[(tap*ins+c)*outs+f] = t.Data[from+tap]
				}
			}
		}
		set(name, data, taps, ins, outs)
	default:
		set(name, t.Data, t.Shape...)
	}
}

// memory is how many bytes a layer's gradient may take.
const memory = 4 << 30

// largest is how many bytes the gradient of the largest layer takes: the product
// of every row of its input with all its weights, before it is summed.
func largest(n talk.Net) (bytes int64) {
	size, rows, ins := n.Size, n.Batch, n.Input
	if n.Kind == "conv" {
		ins = n.Channels
	}
	for i, outs := range n.Hidden {
		weights := ins * outs
		if n.Kind == "conv" {
			rows, weights = n.Batch*size*size, 9*weights
			if size /= 2; i > 0 {
				rows *= 4 // the decoder's mirror of it works on the enlarged image
			}
		}
		bytes, ins = max(bytes, int64(4*rows*weights)), outs
	}
	return bytes
}

func variable(name string) string { return strings.ReplaceAll(name, "/", ".") }

// weight reads a variable.
func weight(ctx *context.Context, g *Graph, name string) *Node {
	return ctx.GetVariable(variable(name)).ValueGraph(g)
}

// affine is x w + b.
func affine(ctx *context.Context, name string, x *Node) *Node {
	w, b := weight(ctx, x.Graph(), name+"/w"), weight(ctx, x.Graph(), name+"/b")
	return Add(Dot(x, w), ExpandLeftToRank(b, x.Rank()))
}

func relu(x *Node) *Node { return Where(GreaterThan(x, ZerosLike(x)), x, ZerosLike(x)) }

// crossEntropy is the cross entropy of each value, from logits.
func crossEntropy(y, x *Node) *Node {
	return Sub(Add(relu(y), Log1P(Exp(Neg(Abs(y))))), Mul(y, x))
}

// mean sums one axis at a time: the backend's sum of many numbers loses digits.
func mean(x *Node) *Node {
	size := x.Shape().Size()
	for x.Rank() > 0 {
		x = ReduceSum(x, 0)
	}
	return DivScalar(x, float64(size))
}

func dense(n talk.Net) model {
	return func(ctx *context.Context, in []*Node) *Node {
		h, layers := in[0], len(n.Hidden)
		for i := range layers {
			h = relu(affine(ctx, fmt.Sprintf("encoder/fc%d", i+1), h))
		}
		for i := range layers {
			if h = affine(ctx, fmt.Sprintf("decoder/fc%d", i+1), h); i < layers-1 {
				h = relu(h)
			}
		}
		return mean(crossEntropy(h, in[0]))
	}
}

func vae(n talk.Net) model {
	return func(ctx *context.Context, in []*Node) *Node {
		x := in[0]
		h := relu(affine(ctx, "encoder/fc1", x))
		mu, logVar := affine(ctx, "encoder/mu", h), affine(ctx, "encoder/logvar", h)
		var eps *Node
		if len(in) > 1 {
			eps = in[1]
		} else {
			eps = ctx.RandomNormal(x.Graph(), mu.Shape())
		}
		z := Add(mu, Mul(Exp(MulScalar(logVar, .5)), eps))
		y := affine(ctx, "decoder/logits", relu(affine(ctx, "decoder/fc1", z)))
		kl := MulScalar(Sub(Add(Square(mu), AddScalar(Exp(logVar), -1)), logVar), .5)
		return DivScalar(Add(ReduceAllSum(crossEntropy(y, x)), ReduceAllSum(kl)), float64(n.Batch))
	}
}

func lstm(n talk.Net) model {
	return func(ctx *context.Context, in []*Node) *Node {
		g, units := in[0].Graph(), n.Hidden[0]
		x := TransposeAllAxes(Reshape(in[0], n.Batch, n.Steps, n.Input), 1, 0, 2)
		at := func(t int) *Node { return Reshape(Slice(x, AxisElem(t)), n.Batch, n.Input) }
		down := cells(ctx, g, "encoder/lstm1", n, func(t int, wx *Node) *Node { return Dot(at(t), wx) })
		z := affine(ctx, "encoder/code", down[n.Steps-1])
		once := map[*Node]*Node{}
		up := cells(ctx, g, "decoder/lstm1", n, func(_ int, wx *Node) *Node {
			if once[wx] == nil {
				once[wx] = Dot(z, wx)
			}
			return once[wx]
		})
		y := affine(ctx, "decoder/out", Reshape(Stack(up, 0), n.Steps*n.Batch, units))
		return mean(crossEntropy(y, Reshape(x, n.Steps*n.Batch, n.Input)))
	}
}

// cells runs an LSTM over all steps and returns its outputs; project gives the
// input's part of a gate.
func cells(ctx *context.Context, g *Graph, name string, n talk.Net, project func(t int, wx *Node) *Node) []*Node {
	units := n.Hidden[0]
	var wx, wh, b [4]*Node
	for gate := range 4 {
		wx[gate] = weight(ctx, g, fmt.Sprint(name, "/wx", gate))
		wh[gate] = weight(ctx, g, fmt.Sprint(name, "/wh", gate))
		b[gate] = weight(ctx, g, fmt.Sprint(name, "/b", gate))
	}
	var out []*Node
	h := Zeros(g, shapes.Make(wh[0].DType(), n.Batch, units))
	c := h
	for t := range n.Steps {
		var z [4]*Node
		for gate := range z {
			z[gate] = Add(Add(project(t, wx[gate]), Dot(h, wh[gate])), b[gate])
		}
		c = Add(Mul(Sigmoid(z[1]), c), Mul(Sigmoid(z[0]), Tanh(z[2])))
		h = Mul(Sigmoid(z[3]), Tanh(c))
		out = append(out, h)
	}
	return out
}
