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

// vmOptions are the options of Gorgonia that this machine supports.
type vmOptions struct {
	graph    *gorgonia.ExprGraph // the graph to run: the program's, or that of WithPrecompiled
	nan, inf bool
	bind     bool          // add up gradients in dual values
	bound    []*graph.Node // for these nodes; for all inputs if named is not set
	named    bool          // BindDualValues has nodes
	eval     bool
	trace    bool // also publish the gradients of all inner nodes
	log      runLog
	engine   tensor.Engine // of published values
	ignored  []string      // why options were ignored
}

// Bits of a TapeMachine's runFlags and logFlags that options set.
const (
	flagNaN   = 1 << 2
	flagInf   = 1 << 3
	flagTrace = 1 << 6
	flagBind  = 1 << 7

	flagPointers = 1 << 4
	flagWatchAll = 1 << 8
)

// readOptions finds out what options do. Options are functions that change a
// TapeMachine, so it applies them to a small one and reads that machine's fields.
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
		o.ignore("WithPointerWatch: each published value has its own memory")
	}
	o.readLog(fields, logs&flagWatchAll != 0)
	return o, nil
}

// apply applies one option. It ignores an option that panics, because a TapeMachine
// does not support it, such as LogBothDir.
func (o *vmOptions) apply(opt gorgonia.VMOpt, m gorgonia.VM) {
	defer func() {
		if r := recover(); r != nil {
			o.ignore(fmt.Sprintf("a TapeMachine does not support it: %v", r))
		}
	}()
	opt(m)
}

// ignore records why an option is ignored.
func (o *vmOptions) ignore(why string) { o.ignored = append(o.ignored, why) }

// nodes returns the nodes of an option that are in the graph.
func (o *vmOptions) nodes(option string, given reflect.Value) (own []*graph.Node) {
	all := map[uintptr]*graph.Node{}
	for _, n := range o.graph.AllNodes() {
		all[reflect.ValueOf(n).Pointer()] = n
	}
	for k := range given.Len() {
		if n := all[given.Index(k).Pointer()]; n != nil {
			own = append(own, n)
		} else {
			o.ignore(fmt.Sprintf("%s: node %d of %d is not in this graph", option, k, given.Len()))
		}
	}
	return own
}

// binds reports whether a node's gradient is added up in its dual value.
func (o *vmOptions) binds(n *graph.Node) bool {
	if !o.named {
		return o.bind && n.Op() == nil
	}
	return slices.Contains(o.bound, n)
}
