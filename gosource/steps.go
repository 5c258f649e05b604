package gosource

import (
	"bytes"
	"fmt"
	"go/token"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

func isKeyword(name string) bool { return token.IsKeyword(name) }

// step writes a step as statements that set the variables of its results.
func (w *writer) step(out *bytes.Buffer, s lower.Step, live []bool) error {
	x := w.f.Shape(s.In[0])
	set := func(expr string) error {
		name := "v" + strconv.Itoa(int(s.Out[0]))
		fmt.Fprintf(out, "%s := %s\n", name, expr)
		w.names[s.Out[0]] = name
		return nil
	}
	pair := func(expr string) error { // results of which some may not be read
		var names []string
		for _, v := range s.Out[:2] {
			name := "_"
			if live[v] {
				name = "v" + strconv.Itoa(int(v))
				w.names[v] = name
			}
			names = append(names, name)
		}
		fmt.Fprintf(out, "%s := %s\n", strings.Join(names, ", "), expr)
		return nil
	}
	switch p := s.Prim.(type) {
	case lower.Reshape:
		w.names[s.Out[0]] = w.use(s.In[0])
		return nil
	case lower.Transpose, lower.Slice, lower.Flip, lower.BroadcastTo:
		to := w.f.Shape(s.Out[0])
		v := lower.View(p, lower.Array[float64]{Shape: x, Strides: x.Strides()}, to)
		return set(w.call("view", s.In[0], []int(to), v.Strides, v.Off))
	case lower.Map:
		return w.mapStep(out, p.Expr, s)
	case lower.Concat:
		outer, _, inner := around(x, p.Axis)
		var sizes []int
		args := []any{outer, []int(nil)}
		for _, v := range s.In {
			sizes = append(sizes, w.f.Shape(v)[p.Axis]*inner)
			args = append(args, v)
		}
		args[1] = sizes
		return set(w.call("concat", args...))
	case lower.Pad:
		return set(w.call("pad", s.In[0], []int(x), []int(w.f.Shape(s.Out[0])), p.Before))
	case lower.Reduce:
		return w.reduce(out, p, s)
	case lower.Softmax:
		outer, n, inner := around(x, p.Axis)
		return set(w.call("softmax", s.In[0], outer, n, inner, p.Log))
	case lower.MatMul:
		r, y := len(x), w.f.Shape(s.In[1])
		return set(w.call("matMul", s.In[0], s.In[1], x[:r-2].Size(), x[r-2], x[r-1], y[r-1]))
	case lower.Conv:
		return set(w.call("conv", s.In[0], s.In[1], w.geometry(p.Geometry, x, w.f.Shape(s.In[1]), w.f.Shape(s.Out[0]))))
	case lower.ConvData:
		return set(w.call("convData", s.In[0], s.In[1], w.geometry(p.Geometry, w.f.Shape(s.Out[0]), w.f.Shape(s.In[1]), x)))
	case lower.Pool:
		return set(w.call("maxPool", s.In[0], w.window(p.Window, x, w.f.Shape(s.Out[0]))))
	case lower.PoolSum:
		return set(w.call("poolSum", s.In[0], w.window(p.Window, x, w.f.Shape(s.Out[0])), divisor(p.Divisor, p.Size)))
	case lower.PoolSpread:
		return set(w.call("poolSpread", s.In[0], w.window(p.Window, w.f.Shape(s.Out[0]), x), divisor(p.Divisor, p.Size)))
	case lower.Gather:
		outer, n, inner := around(x, p.Axis)
		return set(w.call("gather", s.In[0], s.In[1], outer, n, inner))
	case lower.TakeAlong:
		outer, n, inner := around(x, p.Axis)
		return set(w.call("takeAlong", s.In[0], s.In[1], outer, n, w.f.Shape(s.Out[0])[p.Axis], inner))
	case lower.PutAlong:
		outer, m, inner := around(x, p.Axis)
		return set(w.call("putAlong", s.In[0], s.In[1], outer, p.Extent, m, inner))
	case lower.CumSum:
		outer, n, inner := around(x, p.Axis)
		return set(w.call("cumSum", s.In[0], outer, n, inner, p.Exclusive, p.Reverse))
	case lower.TopK:
		outer, n, inner := around(x, p.Axis)
		return pair(w.call("topK", s.In[0], outer, n, inner, p.K))
	case lower.Recur:
		return w.recur(p, s, pair, live)
	case lower.Random:
		return fmt.Errorf("it draws random numbers, which the source does not have")
	}
	return fmt.Errorf("%v has no Go source: it belongs to a gradient", s.Prim)
}

// around returns the extents before an axis, along it, and behind it.
func around(s lower.Shape, axis int) (outer, n, inner int) {
	return s[:axis].Size(), s[axis], s[axis+1:].Size()
}

func divisor(d lower.Divisor, size [2]int) int {
	switch d {
	case lower.ExcludePad:
		return 0
	case lower.IncludePad:
		return size[0] * size[1]
	}
	return 1
}

// geometry writes how kernels move over images x to y.
func (w *writer) geometry(g lower.Geometry, x, k, y lower.Shape) string {
	w.calls["geometry"] = true
	return fmt.Sprintf("geometry{n: %d, c: %d, h: %d, w: %d, o: %d, p: %d, q: %d, kh: %d, kw: %d, sh: %d, sw: %d, dh: %d, dw: %d, top: %d, left: %d, groups: %d}",
		x[0], x[1], x[2], x[3], y[1], y[2], y[3], k[2], k[3], g.Stride[0], g.Stride[1], g.Dilation[0], g.Dilation[1], g.Pad.Top, g.Pad.Left, g.ChannelGroups())
}

func (w *writer) window(v lower.Window, x, y lower.Shape) string {
	g := lower.Geometry{Stride: v.Stride, Dilation: [2]int{1, 1}, Pad: v.Pad}
	return w.geometry(g, x, lower.Shape{x[1], x[1], v.Size[0], v.Size[1]}, y)
}

// reduce writes a reduction, one axis after another.
func (w *writer) reduce(out *bytes.Buffer, p lower.Reduce, s lower.Step) error {
	name := "reduceSum"
	if p.Kind == lower.ReduceMax {
		name = "reduceMax"
	}
	shape, from := w.f.Shape(s.In[0]).Clone(), w.use(s.In[0])
	for k, axis := range p.Axes {
		outer, n, inner := around(shape, axis)
		to := fmt.Sprintf("v%d", s.Out[0])
		if k < len(p.Axes)-1 {
			to += fmt.Sprintf("_%d", k)
		}
		fmt.Fprintf(out, "%s := %s\n", to, w.call(name, from, outer, n, inner))
		from, shape[axis] = to, 1
	}
	w.names[s.Out[0]] = from
	return nil
}

func (w *writer) recur(p lower.Recur, s lower.Step, pair func(string) error, live []bool) error {
	if int(p.Cell) > int(lower.CellRNN) {
		return fmt.Errorf("the cell %v has no Go source", p.Cell)
	}
	x, wh := w.f.Shape(s.In[0]), w.f.Shape(s.In[2])
	states := ""
	if p.Initial {
		var names []string
		for _, v := range s.In[4:] {
			names = append(names, w.use(v))
		}
		states = ", states: [][]float32{" + strings.Join(names, ", ") + "}"
	}
	if live[s.Out[len(s.Out)-1]] || p.Cell != lower.CellLSTM && live[s.Out[1]] {
		return fmt.Errorf("%v: its inner values belong to a gradient", p)
	}
	w.calls["recurrence"], w.calls["sigmoid"], w.calls["math"] = true, true, true
	r := fmt.Sprintf("recurrence{n: %d, steps: %d, given: %d, d: %d, h: %d, gates: %d, reverse: %v%s}",
		x[0], p.Steps, x[1], x[2], wh[0], wh[1]/wh[0], p.Reverse, states)
	return pair(w.call(p.Cell.String(), s.In[0], s.In[1], s.In[2], s.In[3], r))
}

// functionsOf are the functions of expressions, as Go in float64.
var functionsOf = map[lower.Fn]string{
	lower.FnAdd: "(%s + %s)", lower.FnSub: "(%s - %s)", lower.FnMul: "(%s * %s)", lower.FnDiv: "(%s / %s)",
	lower.FnMin: "math.Min(%s, %s)", lower.FnMax: "math.Max(%s, %s)", lower.FnLess: "less(%s, %s)", lower.FnWhere: "where(%s, %s, %s)",
	lower.FnNeg: "(-%s)", lower.FnAbs: "math.Abs(%s)", lower.FnSqrt: "math.Sqrt(%s)", lower.FnExp: "math.Exp(%s)", lower.FnExpm1: "math.Expm1(%s)",
	lower.FnLog: "math.Log(%s)", lower.FnLog1p: "math.Log1p(%s)", lower.FnTanh: "math.Tanh(%s)", lower.FnSigmoid: "sigmoid(%s)",
	lower.FnSoftplus: "softplus(%s)", lower.FnErf: "math.Erf(%s)", lower.FnSin: "math.Sin(%s)", lower.FnCos: "math.Cos(%s)",
	lower.FnFloor: "math.Floor(%s)", lower.FnPow: "math.Pow(%s, %s)",
}

// mapStep writes a loop over elements, with a variable for each part of the expression.
func (w *writer) mapStep(out *bytes.Buffer, e lower.Expr, s lower.Step) error {
	e = e.Fold()
	name := fmt.Sprintf("v%d", s.Out[0])
	size := w.f.Shape(s.Out[0]).Size()
	var loop bytes.Buffer
	parts := map[lower.Expr]string{}
	var part func(e lower.Expr) (string, error)
	part = func(e lower.Expr) (string, error) {
		if e.Fn() == lower.FnNum {
			return number(e.Value(), w.calls), nil
		}
		if v := parts[e]; v != "" {
			return v, nil
		}
		expr := ""
		if e.Fn() == lower.FnArg {
			expr = fmt.Sprintf("float64(%s[i])", w.use(s.In[e.Index()]))
		} else {
			format, ok := functionsOf[e.Fn()]
			if !ok {
				return "", fmt.Errorf("the function %v has no Go source", e.Fn())
			}
			var args []any
			for _, a := range e.Operands() {
				v, err := part(a)
				if err != nil {
					return "", err
				}
				args = append(args, v)
			}
			if strings.HasPrefix(format, "math.") {
				w.calls["math"] = true
			} else if at := strings.Index(format, "("); at > 0 {
				w.calls[format[:at]] = true
			}
			expr = fmt.Sprintf(format, args...)
		}
		v := fmt.Sprintf("e%d", len(parts))
		fmt.Fprintf(&loop, "%s := %s\n", v, expr)
		parts[e] = v
		return v, nil
	}
	last, err := part(e)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s := make([]float32, %d)\nfor i := range %s {\n%s%s[i] = float32(%s)\n}\n", name, size, name, loop.String(), name, last)
	w.names[s.Out[0]] = name
	return nil
}

// number writes a constant of float64.
func number(v float64, calls map[string]bool) string {
	switch text := strconv.FormatFloat(v, 'g', -1, 64); text {
	case "NaN", "+Inf", "-Inf":
		calls["math"] = true
		return map[string]string{"NaN": "math.NaN()", "+Inf": "math.Inf(1)", "-Inf": "math.Inf(-1)"}[text]
	default:
		return "float64(" + text + ")"
	}
}
