package cpu

import (
	"fmt"
	"reflect"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// vmOptions are Gorgonia's options, as far as this machine takes them.
type vmOptions struct {
	nan, inf bool
	bind     bool          // add gradients up in dual values
	bound    []*graph.Node // of these nodes; of all if there are none
	eval     bool
}

// The bits of a TapeMachine's runFlags that mean something here. TraceExec's
// does not: values are published anyway.
const (
	flagNaN  = 1 << 2
	flagInf  = 1 << 3
	flagBind = 1 << 7
)

// readOptions finds out what options say: they are functions that only change
// a TapeMachine, so they are applied to a small one, which is then looked at.
func readOptions(g *gorgonia.ExprGraph, opts []gorgonia.VMOpt) (o vmOptions, err error) {
	if len(opts) == 0 {
		return o, nil
	}
	plain := settings(nil)
	for _, opt := range opts {
		s := settings([]gorgonia.VMOpt{opt})
		flags := s["runFlags"].Uint() &^ plain["runFlags"].Uint()
		o.nan = o.nan || flags&flagNaN != 0
		o.inf = o.inf || flags&flagInf != 0
		o.eval = o.eval || s["evalMode"].Bool()
		if flags&flagBind != 0 {
			o.bind = true
			for _, n := range g.AllNodes() {
				for k := range s["bindNodesDV"].Len() {
					if s["bindNodesDV"].Index(k).Pointer() == reflect.ValueOf(n).Pointer() {
						o.bound = append(o.bound, n)
					}
				}
			}
			if s["bindNodesDV"].Len() > 0 && len(o.bound) == 0 {
				return o, fmt.Errorf("cpu: BindDualValues: none of its nodes is of this graph")
			}
		}
		for _, refused := range []struct{ field, option string }{
			{"logger", "WithLogger"}, {"watchNodes", "WithWatchlist"}, {"logFlags", "LogFwd, LogBwd, LogBothDir or WithPointerWatch"}, {"valueFmt", "WithValueFmt"}, {"Engine", "WithEngine"},
		} {
			if changed(plain[refused.field], s[refused.field]) {
				return o, refuse(refused.option)
			}
		}
	}
	return o, nil
}

func refuse(option string) error {
	return fmt.Errorf("cpu: the option %s is not supported by this machine: leave it out, or use gorgonia.NewTapeMachine", option)
}

// settings returns the fields of a TapeMachine of a small graph under options.
func settings(opts []gorgonia.VMOpt) map[string]reflect.Value {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(1))
	gorgonia.Must(gorgonia.Neg(x))
	v := reflect.ValueOf(gorgonia.NewTapeMachine(g, opts...)).Elem()
	out := map[string]reflect.Value{}
	for _, name := range []string{"runFlags", "evalMode", "bindNodesDV", "logger", "watchNodes", "logFlags", "valueFmt", "Engine"} {
		out[name] = v.FieldByName(name)
	}
	return out
}

// changed reports whether an option set a field.
func changed(plain, now reflect.Value) bool {
	switch now.Kind() {
	case reflect.Uint16:
		return now.Uint() != plain.Uint()
	case reflect.String:
		return now.String() != plain.String()
	case reflect.Slice:
		return now.Len() != plain.Len()
	case reflect.Pointer:
		return now.IsNil() != plain.IsNil()
	case reflect.Interface:
		return now.Elem().Type() != plain.Elem().Type()
	}
	return false
}

// sourceOf is what a Gorgonia program wants of its graph: the values of nodes.
func sourceOf(g *gorgonia.ExprGraph, keep []*graph.Node) plan.Source {
	return plan.Source{Graph: g, Dtype: keep[0].Dtype(), Keep: keep}
}
