package compiled

import (
	"fmt"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// vmOptions are Gorgonia's options, as far as they mean something to this machine.
type vmOptions struct {
	graph    *gorgonia.ExprGraph // to be run: the program's, or that of WithPrecompiled
	nan, inf bool
	bind     bool          // add gradients up in dual values
	bound    []*graph.Node // of these nodes; of all inputs if named is not set
	named    bool          // BindDualValues was given nodes
	eval     bool
	trace    bool // publish all that has a gradient, too
	log      runLog
	engine   tensor.Engine // of published values
	ignored  []string      // what was not taken, and why
}

// The bits of a TapeMachine's runFlags and logFlags that options set.
const (
	flagNaN   = 1 << 2
	flagInf   = 1 << 3
	flagTrace = 1 << 6
	flagBind  = 1 << 7

	flagPointers = 1 << 4
	flagWatchAll = 1 << 8
)

// readOptions finds out what options say: they are functions that only change
// a TapeMachine, so they are applied to a small one, which is then looked at.
func readOptions(g *gorgonia.ExprGraph, opts []gorgonia.VMOpt) (o vmOptions, err error) {
	o = vmOptions{graph: g, engine: gorgonia.StandardEngine{}}
	if len(opts) == 0 {
		return o, nil
	}
	var small *gorgonia.ExprGraph
	exprgraph.WithBuildLock(func() {
		small = gorgonia.NewGraph()
		x := gorgonia.NewVector(small, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(1))
		gorgonia.Must(gorgonia.Neg(x))
	})
	m := gorgonia.NewTapeMachine(small)
	fields := reflect.ValueOf(m).Elem()
	plain := fields.FieldByName("runFlags").Uint()
	for _, opt := range opts {
		o.apply(opt, m)
	}
	if p := m.Prog(); p != nil && p.Graph() != small {
		o.graph = p.Graph()
	}
	flags := fields.FieldByName("runFlags").Uint() &^ plain
	o.nan, o.inf, o.trace, o.bind = flags&flagNaN != 0, flags&flagInf != 0, flags&flagTrace != 0, flags&flagBind != 0
	o.eval = fields.FieldByName("evalMode").Bool()
	if m.Engine != nil {
		o.engine = m.Engine
	}
	bound := fields.FieldByName("bindNodesDV")
	o.named = bound.Len() > 0
	o.bound = o.nodes("BindDualValues", bound)
	logs := fields.FieldByName("logFlags").Uint()
	if logs&flagPointers != 0 {
		o.ignore("WithPointerWatch: each value that is published has memory of its own")
	}
	o.readLog(fields, logs&flagWatchAll != 0)
	return o, nil
}

// apply applies one option. One that a TapeMachine itself does not take, such as
// LogBothDir, panics.
func (o *vmOptions) apply(opt gorgonia.VMOpt, m gorgonia.VM) {
	defer func() {
		if r := recover(); r != nil {
			o.ignore(fmt.Sprintf("it is none of a TapeMachine's: %v", r))
		}
	}()
	opt(m)
}

// ignore notes an option that was not taken.
func (o *vmOptions) ignore(why string) { o.ignored = append(o.ignored, why) }

// nodes returns the graph's own nodes among those that an option was given.
func (o *vmOptions) nodes(option string, given reflect.Value) (own []*graph.Node) {
	all := map[uintptr]*graph.Node{}
	for _, n := range o.graph.AllNodes() {
		all[reflect.ValueOf(n).Pointer()] = n
	}
	for k := range given.Len() {
		if n := all[given.Index(k).Pointer()]; n != nil {
			own = append(own, n)
		} else {
			o.ignore(fmt.Sprintf("%s: node %d of the %d given is not of this graph", option, k, given.Len()))
		}
	}
	return own
}

// binds reports whether the gradient of a node is added up in its dual value:
// of the nodes that were named, or of all inputs.
func (o *vmOptions) binds(n *graph.Node) bool {
	if !o.named {
		return o.bind && n.Op() == nil
	}
	return slices.Contains(o.bound, n)
}
