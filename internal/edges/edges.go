// Package edges calls functions with arguments at the edges of their types: nil,
// zero, below zero, huge, not a number. What a caller may get wrong is answered
// by an error, or by nothing, and never by a panic.
package edges

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// Fresh makes what a call is of, anew for each call, for a call may change it:
// the receivers whose methods are called, the functions by name, and values to
// be tried as arguments besides those at the edges.
type Fresh func() (receivers []any, functions map[string]any, values []any)

// most is how many combinations of arguments of one function are tried.
const most = 200

// Walk calls every exported method of the receivers, and the functions, but for
// those that skip names, such as "Builder.Failf".
func Walk(t *testing.T, fresh Fresh, skip ...string) {
	receivers, functions, _ := fresh()
	called := 0
	for i, r := range receivers {
		of := reflect.TypeOf(r)
		for k := range of.NumMethod() {
			name := strings.TrimPrefix(of.String(), "*") + "." + of.Method(k).Name
			called += walk(t, name, skip, func() (reflect.Value, []any) {
				receivers, _, values := fresh()
				return reflect.ValueOf(receivers[i]).Method(k), values
			})
		}
	}
	for name := range functions {
		called += walk(t, name, skip, func() (reflect.Value, []any) {
			_, functions, values := fresh()
			return reflect.ValueOf(functions[name]), values
		})
	}
	if called == 0 {
		t.Error("nothing was called")
	}
}

// walk calls one function with combinations of arguments: all, or some of them
// drawn by the function's name.
func walk(t *testing.T, name string, skip []string, fresh func() (reflect.Value, []any)) (called int) {
	for _, s := range skip {
		if s == name {
			return 0
		}
	}
	f, values := fresh()
	all := 1
	for i := range f.Type().NumIn() {
		all = min(all*len(candidates(f.Type().In(i), values)), most+1)
	}
	var seed uint64
	for _, c := range name {
		seed = seed*31 + uint64(c)
	}
	draw := rand.New(rand.NewPCG(seed, 1))
	for n := range min(all, most) {
		f, values := fresh()
		var in []reflect.Value
		rest := n
		for i := range f.Type().NumIn() {
			c := candidates(f.Type().In(i), values)
			k := draw.IntN(len(c))
			if all <= most {
				k, rest = rest%len(c), rest/len(c)
			}
			in = append(in, c[k])
		}
		if err := call(f, in); err != nil {
			t.Errorf("%s(%s) panics: %v", name, show(in), err)
			return 1
		}
	}
	return 1
}

// call is an error if the function panics.
func call(f reflect.Value, in []reflect.Value) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if f.Type().IsVariadic() {
		f.CallSlice(in)
	} else {
		f.Call(in)
	}
	return nil
}

// candidates are the values of a type that are tried.
func candidates(of reflect.Type, values []any) (out []reflect.Value) {
	add := func(x any) { out = append(out, reflect.ValueOf(x).Convert(of)) }
	out = append(out, reflect.Zero(of))
	switch of.Kind() {
	case reflect.Int, reflect.Int64:
		for _, n := range []int{1, 2, -1, 1 << 40, math.MaxInt, math.MinInt} {
			add(n)
		}
	case reflect.Uint64:
		add(uint64(math.MaxUint64))
	case reflect.Float64:
		for _, x := range []float64{1, -1, math.NaN(), math.Inf(1), math.MaxFloat64} {
			add(x)
		}
	case reflect.String:
		add("a")
	case reflect.Bool:
		add(true)
	case reflect.Slice:
		for _, x := range candidates(of.Elem(), values) {
			one := reflect.MakeSlice(of, 2, 2)
			one.Index(0).Set(x)
			one.Index(1).Set(x)
			out = append(out, one.Slice(0, 1), one)
		}
	case reflect.Interface:
		if reflect.TypeFor[context.Context]().AssignableTo(of) {
			out = append(out, reflect.ValueOf(context.Background()))
		}
	}
	for _, v := range values {
		if x := reflect.ValueOf(v); x.Type().AssignableTo(of) && (of.Kind() != reflect.Interface || of.NumMethod() > 0) {
			out = append(out, x)
		}
	}
	return out
}

// show lists arguments, as short as may be.
func show(in []reflect.Value) string {
	var texts []string
	for _, v := range in {
		text := fmt.Sprintf("%+v", v)
		if v.Kind() == reflect.Pointer && !v.IsNil() {
			text = "a " + v.Type().String()
		}
		if len(text) > 60 {
			text = text[:60] + "..."
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}
