// Package edges tests functions with arguments at the edges of their types: nil, zero,
// negative, huge, NaN. A mistake of the caller must give an error or be ignored, and
// must never panic.
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

// Fresh returns new objects for a call, because a call may change them: the receivers
// whose methods are called, the functions by name, and values to try as arguments in
// addition to the edges.
type Fresh func() (receivers []any, functions map[string]any, values []any)

// maxCalls is the most combinations of arguments that are tried for a function.
const maxCalls = 200

// Walk calls every exported method of the receivers, and the functions, except for the
// names in skip, such as "Builder.Failf".
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

// walk calls one function with combinations of arguments: with all of them, or with some
// that are drawn with the function's name as seed.
func walk(t *testing.T, name string, skip []string, fresh func() (reflect.Value, []any)) (called int) {
	for _, s := range skip {
		if s == name {
			return 0
		}
	}
	f, values := fresh()
	all := 1
	for i := range f.Type().NumIn() {
		all = min(all*len(candidates(f.Type().In(i), values)), maxCalls+1)
	}
	var seed uint64
	for _, c := range name {
		seed = seed*31 + uint64(c)
	}
	draw := rand.New(rand.NewPCG(seed, 1))
	for n := range min(all, maxCalls) {
		f, values := fresh()
		var in []reflect.Value
		rest := n
		for i := range f.Type().NumIn() {
			c := candidates(f.Type().In(i), values)
			k := draw.IntN(len(c))
			if all <= maxCalls {
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

// call returns an error if the function panics.
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

// candidates returns the values of a type to try.
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

// show lists arguments in short form.
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
