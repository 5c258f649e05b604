package gosource

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

// writer writes the functions of a file.
type writer struct {
	body    bytes.Buffer
	weights []float32
	places  map[string]int  // where an array is among the weights, by its bytes
	calls   map[string]bool // the functions of package runtime, and packages, that are used

	net       *forward.Net
	f         *lower.Func
	constants map[lower.Value][]float64
	names     map[lower.Value]string
}

// function writes one function: a loop over samples of what the net computes of one.
func (w *writer) function(name, doc string, net *forward.Net) error {
	w.net, w.f = net, net.Func
	w.constants, w.names = map[lower.Value][]float64{}, map[lower.Value]string{}
	var inputs []int
	for i, s := range net.Sources {
		switch s.Kind {
		case forward.Given:
			if len(s.Shape) == 0 || s.Shape[0] != 1 {
				return fmt.Errorf("the input %q has shape %v for one sample, want [1, ...]", s.Name, s.Shape)
			}
			inputs = append(inputs, i)
		case forward.Clock:
		default:
			w.constants[lower.Value(i)] = s.Elements
		}
	}
	if len(inputs) == 0 {
		return fmt.Errorf("it has no input")
	}
	arguments := make([]string, len(inputs))
	for k, i := range inputs {
		arguments[k] = argument(net.Sources[i].Name)
		w.names[lower.Value(i)] = "in" + strconv.Itoa(k)
	}
	var steps bytes.Buffer
	live := alive(w.f)
	for i, s := range w.f.Steps() {
		if !slices.ContainsFunc(s.Out, func(v lower.Value) bool { return live[v] }) {
			continue
		}
		done, err := w.fold(s)
		if err != nil {
			return err
		}
		if done {
			continue
		}
		if err := w.step(&steps, s, live); err != nil {
			return fmt.Errorf("%v: %w", net.Places[i], err)
		}
	}
	result := w.f.Results()[0]
	size := w.f.Shape(result).Size()
	fmt.Fprintf(&w.body, "// %s %s, one after the other, of %d numbers each. A sample has\n// %s.\n", name, doc, size, describe(net, inputs))
	fmt.Fprintf(&w.body, "func %s(%s []float32) ([]float32, error) {\n", name, strings.Join(arguments, ", "))
	first := net.Sources[inputs[0]].Shape.Size()
	fmt.Fprintf(&w.body, "n := len(%s) / %d\nif n == 0", arguments[0], first)
	for k, i := range inputs {
		fmt.Fprintf(&w.body, " || len(%s) != n*%d", arguments[k], net.Sources[i].Shape.Size())
	}
	fmt.Fprintf(&w.body, " {\nreturn nil, fmt.Errorf(\"%s: %%v numbers are no samples of %s\", []int{", strings.ToLower(name), describe(net, inputs))
	for k := range inputs {
		fmt.Fprintf(&w.body, "len(%s),", arguments[k])
	}
	fmt.Fprintf(&w.body, "})\n}\nout := make([]float32, 0, n*%d)\nfor i := 0; i < n; i++ {\nout = append(out, %sOne(", size, strings.ToLower(name))
	for k, i := range inputs {
		d := net.Sources[i].Shape.Size()
		fmt.Fprintf(&w.body, "%s[i*%d:(i+1)*%d],", arguments[k], d, d)
	}
	fmt.Fprintf(&w.body, ")...)\n}\nreturn out, nil\n}\n\nfunc %sOne(", strings.ToLower(name))
	var ins []string
	for k := range inputs {
		ins = append(ins, fmt.Sprintf("in%d", k))
	}
	value := w.use(result)
	text := steps.String()
	fmt.Fprintf(&w.body, "%s []float32) []float32 {\n", strings.Join(ins, ", "))
	if strings.Contains(text+value, "w[") {
		fmt.Fprint(&w.body, "w := weights()\n")
	}
	fmt.Fprintf(&w.body, "%sreturn %s\n}\n\n", text, value)
	return nil
}

// describe says what a sample of the inputs has.
func describe(net *forward.Net, inputs []int) string {
	var parts []string
	for _, i := range inputs {
		s := net.Sources[i]
		parts = append(parts, fmt.Sprintf("%d numbers of %s", s.Shape.Size(), s.Name))
	}
	return strings.Join(parts, ", ")
}

// argument returns an input's name as that of an argument.
func argument(name string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if slices.Contains([]string{"n", "i", "out", "w", "fmt"}, out) || out[0] >= '0' && out[0] <= '9' || isKeyword(out) {
		out = "of_" + out
	}
	return out
}

// alive returns the values that the results depend on.
func alive(f *lower.Func) []bool {
	live := make([]bool, f.Values())
	for _, v := range f.Results() {
		live[v] = true
	}
	for _, s := range slices.Backward(f.Steps()) {
		if slices.ContainsFunc(s.Out, func(v lower.Value) bool { return live[v] }) {
			for _, v := range s.In {
				live[v] = true
			}
		}
	}
	return live
}

// fold computes a step of constants, and reports whether it is one. What is only repeated
// stays a step, so that the file does not have it many times.
func (w *writer) fold(s lower.Step) (bool, error) {
	if _, wide := s.Prim.(lower.BroadcastTo); wide {
		return false, nil
	}
	args, shapes := make([]lower.Array[float64], len(s.In)), make([]lower.Shape, len(s.In))
	for i, v := range s.In {
		x, ok := w.constants[v]
		if !ok {
			return false, nil
		}
		shapes[i] = w.f.Shape(v)
		args[i] = lower.ArrayOf(x, shapes[i])
	}
	f := lower.NewFunc(shapes...)
	in := make([]lower.Value, len(s.In))
	for i := range in {
		in[i] = f.In(i)
	}
	f.Return(f.Apply(s.Prim, in...)[:len(s.Out)]...)
	outs, err := interp.Run(f, args...)
	if err != nil {
		return false, err
	}
	for i, v := range s.Out {
		w.constants[v] = slices.Clone(outs[i].Elements())
	}
	return true, nil
}

// use returns a value as an expression of the source.
func (w *writer) use(v lower.Value) string {
	if name, ok := w.names[v]; ok {
		return name
	}
	x := w.constants[v]
	var key []byte
	for _, e := range x {
		key = binary.LittleEndian.AppendUint32(key, math.Float32bits(float32(e)))
	}
	at, ok := w.places[string(key)]
	if !ok {
		at = len(w.weights)
		w.places[string(key)] = at
		for _, e := range x {
			w.weights = append(w.weights, float32(e))
		}
	}
	w.names[v] = fmt.Sprintf("w[%d:%d]", at, at+len(x))
	return w.names[v]
}

// call returns a call of a function of package runtime.
func (w *writer) call(name string, args ...any) string {
	w.calls[name] = true
	parts := make([]string, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case lower.Value:
			parts[i] = w.use(a)
		case []int:
			parts[i] = ints(a)
		default:
			parts[i] = fmt.Sprint(a)
		}
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

func ints(x []int) string {
	return "[]int{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(x), " ", ", "), "[]") + "}"
}
