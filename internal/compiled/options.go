package compiled

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// vmOptions are Gorgonia's options, as far as this machine takes them.
type vmOptions struct {
	nan, inf bool
	bind     bool          // add gradients up in dual values
	bound    []*graph.Node // of these nodes; of all if there are none
	eval     bool
}

// The bits of a TapeMachine's runFlags. TraceExec's changes nothing here: values
// are published anyway.
const (
	flagNaN   = 1 << 2
	flagInf   = 1 << 3
	flagTrace = 1 << 6
	flagBind  = 1 << 7
)

// refusals are the options that are not taken, by what they set. UseCudaFor and
// WithManualGradient set nothing: they mean nothing to a TapeMachine either.
var refusals = [...]struct {
	field  string
	bit    uint64 // of a field of flags
	option string
}{
	{"logger", 0, "WithLogger"},
	{"watchNodes", 0, "WithWatchlist"},
	{"watchRegs", 0, "WithWatchlist"},
	{"watchNodeIDs", 0, "WithWatchlist"},
	{"logFlags", 1 << 0, "LogFwd or LogBothDir"},
	{"logFlags", 1 << 1, "LogBwd or LogBothDir"},
	{"logFlags", 1 << 4, "WithPointerWatch"},
	{"logFlags", 1 << 8, "WithWatchlist"},
	{"valueFmt", 0, "WithValueFmt"},
	{"Engine", 0, "WithEngine"},
	{"p", 0, "WithPrecompiled of another graph"},
}

// readOptions finds out what options say: they are functions that only change
// a TapeMachine, so they are applied to a small one, which is then looked at.
func readOptions(g *gorgonia.ExprGraph, opts []gorgonia.VMOpt) (o vmOptions, err error) {
	if len(opts) == 0 {
		return o, nil
	}
	plain, err := settings(g, nil)
	if err != nil {
		return o, err
	}
	for _, opt := range opts {
		s, err := settings(g, []gorgonia.VMOpt{opt})
		if err != nil {
			return o, err
		}
		for _, r := range refusals {
			if changed(plain[r.field], s[r.field], r.bit) {
				return o, refuse(r.option)
			}
		}
		if changed(plain["logFlags"], s["logFlags"], math.MaxUint64) {
			return o, refuse(fmt.Sprintf("that sets logFlags to %#x", s["logFlags"].Uint()))
		}
		flags := s["runFlags"].Uint() &^ plain["runFlags"].Uint()
		if other := flags &^ (flagNaN | flagInf | flagTrace | flagBind); other != 0 {
			return o, refuse(fmt.Sprintf("that sets runFlags to %#x", other))
		}
		o.nan = o.nan || flags&flagNaN != 0
		o.inf = o.inf || flags&flagInf != 0
		o.eval = o.eval || s["evalMode"].Bool()
		if flags&flagBind != 0 {
			if err := o.bindTo(g, s["bindNodesDV"]); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// bindTo notes the nodes given to BindDualValues.
func (o *vmOptions) bindTo(g *gorgonia.ExprGraph, nodes reflect.Value) error {
	o.bind = true
	for k := range nodes.Len() {
		i := slices.IndexFunc(g.AllNodes(), func(n *graph.Node) bool {
			return reflect.ValueOf(n).Pointer() == nodes.Index(k).Pointer()
		})
		if i < 0 {
			return fmt.Errorf("BindDualValues: node %d of the %d given is not of this graph", k, nodes.Len())
		}
		o.bound = append(o.bound, g.AllNodes()[i])
	}
	return nil
}

// binds reports whether the gradient of a node is added up in its dual value:
// of the nodes that were named, or of all inputs.
func (o *vmOptions) binds(n *graph.Node) bool {
	if len(o.bound) == 0 {
		return o.bind && n.Op() == nil
	}
	return slices.Contains(o.bound, n)
}

func refuse(option string) error {
	return fmt.Errorf("the option %s is not supported by this machine: leave it out, or use gorgonia.NewTapeMachine", option)
}

// settings returns the fields of a TapeMachine of a small graph under options.
func settings(of *gorgonia.ExprGraph, opts []gorgonia.VMOpt) (out map[string]reflect.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("an option panicked: %v", r)
		}
	}()
	out = map[string]reflect.Value{}
	graph.Exclusive(func() {
		g := gorgonia.NewGraph()
		x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(1))
		gorgonia.Must(gorgonia.Neg(x))
		v := reflect.ValueOf(gorgonia.NewTapeMachine(g, opts...)).Elem()
		for _, name := range []string{"runFlags", "evalMode", "bindNodesDV"} {
			out[name] = v.FieldByName(name)
		}
		for _, r := range refusals {
			out[r.field] = v.FieldByName(r.field)
		}
		// What was compiled before is of the small graph, of this or of another.
		compiled := out["p"].Elem().FieldByName("g").Pointer()
		out["p"] = reflect.ValueOf(compiled != reflect.ValueOf(g).Pointer() && compiled != reflect.ValueOf(of).Pointer())
	})
	return out, nil
}

// changed reports whether an option set a field, or these bits of it.
func changed(plain, now reflect.Value, bits uint64) bool {
	switch now.Kind() {
	case reflect.Uint16:
		return now.Uint()&bits != plain.Uint()&bits
	case reflect.String:
		return now.String() != plain.String()
	case reflect.Slice:
		return now.Len() != plain.Len()
	case reflect.Pointer:
		return now.IsNil() != plain.IsNil()
	case reflect.Bool:
		return now.Bool() != plain.Bool()
	case reflect.Interface:
		return now.Elem().Type() != plain.Elem().Type()
	}
	return false
}
