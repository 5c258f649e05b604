package optest

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/lower"
)

// Declarations checks everything that needs no machine: that every op has a case,
// that its lowering equals its definition, that its attributes reach the hash, that
// Overwrites is true of it, and that wrong shapes are errors.
func Declarations(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		t.Run(c.Op+"/"+c.Name, c.declaration)
		seen[c.Op] = true
	}
	for _, o := range graph.Ops() {
		require.True(t, seen[o.Name], "op %s has no case", o.Name)
		delete(seen, o.Name)
	}
	require.Empty(t, seen, "cases of ops that graph.Ops does not list")
	for _, w := range Wrongs() {
		t.Run("wrong/"+w.Op+"/"+w.Name, func(t *testing.T) { checkWrong(t, w) })
	}
}

// declaration checks what the ops of a case declare.
func (c Case) declaration(t *testing.T) {
	g := build(t, c, graph.Float64)
	found := false
	for _, n := range g.b.Graph().AllNodes() {
		a, ok := op.At(n)
		if !ok {
			continue
		}
		checkHash(t, a)
		if a.Name() == c.Op {
			found = true
			checkLowering(t, g, n, a)
			checkOverwrites(t, g, n, a)
		}
	}
	require.True(t, found, "the case builds no node of op %s", c.Op)
}

// operandValues evaluates the operands of a node by the ops' definitions.
func (g built) operandValues(t *testing.T, n *graph.Node) []graph.Array {
	operands, err := exprgraph.Operands(g.b.Graph(), n)
	require.NoError(t, err)
	at := g
	at.out = operands
	in := make([]graph.Array, len(operands))
	for i, x := range at.expect(t, g.x) {
		in[i] = lower.ArrayOf(x, graph.Shape(operands[i].Shape()))
	}
	return in
}

// checkLowering compares the lowering, run by the interpreter, with the definition.
func checkLowering(t *testing.T, g built, n *graph.Node, a op.Applied) {
	in := g.operandValues(t, n)
	got, err := interp.Run(a.Lowered(), in...)
	require.NoError(t, err)
	for i, want := range a.Define(in) {
		RequireClose(t, fmt.Sprintf("lowering of %v, result %d", a, i), want.Data, got[i].Elements(), 1e-12)
	}
}

// checkOverwrites changes the first operand one element at a time. Only the same
// element of the result may change.
func checkOverwrites(t *testing.T, g built, n *graph.Node, a op.Applied) {
	if !a.Overwrites() || !a.In()[0].Equal(a.Out()[0]) {
		return
	}
	in := g.operandValues(t, n)
	in[0].Data = append([]float64(nil), in[0].Data...)
	before := a.Define(in)[0].Data
	for i := range in[0].Data {
		v := in[0].Data[i]
		in[0].Data[i] = v + 0.25
		for k, after := range a.Define(in)[0].Data {
			require.True(t, k == i || after == before[k], "%v: result %d depends on element %d of the operand it may overwrite", a, k, i)
		}
		in[0].Data[i] = v
	}
}

// checkHash changes every field of the attributes in turn.
func checkHash(t *testing.T, a op.Applied) {
	v := reflect.ValueOf(a.AttrValue())
	changed := reflect.New(v.Type()).Elem()
	eachField(v.Type(), nil, func(path []int, name string) {
		changed.Set(v)
		perturb(t, changed.FieldByIndex(path))
		require.NotEqual(t, fmt.Sprintf("%+v", v), fmt.Sprintf("%+v", changed), "attribute %s of op %s does not reach the hash", name, a.Name())
	})
}

// eachField calls f with the index path of every field, including the fields of
// nested structs.
func eachField(typ reflect.Type, path []int, f func(path []int, name string)) {
	if typ.Kind() != reflect.Struct {
		return
	}
	for i := range typ.NumField() {
		fd := typ.Field(i)
		p := append(append([]int(nil), path...), i)
		if fd.Type.Kind() == reflect.Struct && fd.Type != reflect.TypeOf(lower.Expr{}) {
			eachField(fd.Type, p, f)
			continue
		}
		f(p, fd.Name)
	}
}

// perturb changes a value to another of its type.
func perturb(t *testing.T, v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeOf(lower.Expr{}):
		v.Set(reflect.ValueOf(v.Interface().(lower.Expr).Add(lower.Num(1))))
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	case v.CanUint():
		v.SetUint(v.Uint() + 1)
	case v.CanFloat():
		v.SetFloat(v.Float() + 1e-9)
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	case v.Kind() == reflect.Slice:
		v.Set(reflect.Append(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()+1), v), reflect.New(v.Type().Elem()).Elem()))
	case v.Kind() == reflect.Array:
		perturb(t, v.Index(v.Len()-1))
	default:
		require.Failf(t, "attribute type", "optest cannot change an attribute of type %v", v.Type())
	}
}

// checkWrong builds a wrong use and requires an error that names the layer.
func checkWrong(t *testing.T, w Wrong) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	var in []*graph.Node
	for i, s := range w.In {
		in = append(in, b.Input(fmt.Sprintf("in%d", i), s...))
	}
	require.NoError(t, b.Err())
	require.NotPanics(t, func() { w.Build(b.Scope("the/layer"), in) })
	require.Error(t, b.Err())
	require.ErrorContains(t, b.Err(), "the/layer")
	require.ErrorContains(t, b.Err(), w.Want)
}
