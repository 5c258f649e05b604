// Package plan makes a graph ready to run. It writes the whole step, forward,
// backward and every update, as one function in the primitives of package lower. A
// list of passes improves the function. Then the plan orders its steps and places
// every array in one arena. A machine runs the steps and never looks at the graph
// again.
package plan

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// Source is a graph with the nodes and updates to compute.
type Source struct {
	Graph *gorgonia.ExprGraph
	Dtype graph.Dtype
	// Keep are the nodes whose values the caller reads: from the nodes or, if
	// Unpublished, from the machine.
	Keep        []*graph.Node
	Unpublished bool
	Updates     []graph.Update
	// DynamicSlices are the slice nodes whose bounds are an input.
	DynamicSlices map[*graph.Node]bool
	// Modes say which of Gorgonia's ops train. If nil, each op's own flag decides.
	Modes *Modes
	// ParamOf returns the parameter that a node reads, or nil. It may be nil for a
	// graph without parameters.
	ParamOf func(*graph.Node) *graph.Param
	// Bound says where a machine stores the values of inputs. The value of any other
	// input is bound to its node.
	Bound map[*graph.Node]*gorgonia.Value
	// Rows says where a machine stores the rows of inputs that it may take from tables.
	Rows map[*graph.Node]*TableRows
}

// ValueOf returns the present value of an input.
func (s Source) ValueOf(n *graph.Node) gorgonia.Value {
	if v := s.Bound[n]; v != nil {
		return *v
	}
	return n.Value()
}

// SourceOf returns the source for a program: its outputs, none of them published, and
// its updates.
func SourceOf(p *graph.Program) Source {
	s := Source{Graph: p.Graph(), Dtype: p.Dtype(), Updates: p.Updates(), ParamOf: p.ParamOf, Unpublished: true, Bound: map[*graph.Node]*gorgonia.Value{}, Rows: map[*graph.Node]*TableRows{}}
	for _, out := range p.Outputs() {
		if !slices.Contains(s.Keep, out.Node) {
			s.Keep = append(s.Keep, out.Node)
		}
	}
	return s
}

// Plan is a graph ready to run.
type Plan struct {
	Dtype graph.Dtype
	// Func is the function after the passes. Its inputs are Inputs. Its results are
	// the values of Kept, then the next values of Updates, then the next values of
	// Next.
	Func *lower.Func
	// Inputs are the sources of the function's inputs.
	Inputs []InputSource
	// Kept are the nodes whose values the caller reads. If Unpublished, no value is
	// bound to its node.
	Kept        []*graph.Node
	Unpublished bool
	Updates     []graph.Update
	// Boxes is the number of boxes for values of other types than Dtype.
	Boxes int
	boxOf []int // by kept node: its box or -1; nil if the plan has no boxes
	// Next is the memory of ops with state of their own. The function's last results
	// go there.
	Next []*tensor.Dense
	// Notes say what a user should know about nodes.
	Notes []Note
	// Stale functions are called before a run. One of them returns true if an op was
	// switched and the plan must be made again.
	Stale  []func() bool
	slices []staticSlice
	// Steps are the steps that compute, in order, without views.
	Steps []Step
	// Values are the layouts of all values of Func.
	Values []Layout
	// Arena is the size of the arena in elements.
	Arena int
	// Least is the most elements in the arena that are alive at one time. No arena
	// can be smaller.
	Least int

	order []exprgraph.Ordered // the nodes; a tag of a value is an index into it
}

// Published returns the number of nodes that a run binds values to: all or none of
// Kept.
func (p *Plan) Published() int {
	if p.Unpublished {
		return 0
	}
	return len(p.Kept)
}

// InputSource is the source of one input of the function. One of Node, Value, Clock,
// Bounds and Indices is set.
type InputSource struct {
	Node  *graph.Node    // the value bound to a node
	Param *graph.Param   // the parameter that the node reads, if it is one
	Value gorgonia.Value // a constant, or the memory of an op's own state
	Clock bool           // the clock of random numbers, which the machine advances
	// Bounds returns the words of a dynamic slice, as lower.SliceWords does.
	Bounds func() ([4]float64, error)
	// Indices select rows; see ReadIndices.
	Indices *Indices

	bound *gorgonia.Value // where the machine stores the node's value; nil if it is bound to the node
	rows  *TableRows      // where the machine stores its rows; nil if no table can have it
}

// FromTable returns the rows of a table that are the input's present value. ok is false
// if Now is its value.
func (s InputSource) FromTable() (r TableRows, ok bool) {
	if s.rows == nil || s.rows.Table == nil {
		return r, false
	}
	return *s.rows, true
}

// Now returns the input's present value; nil if the input has no memory.
func (s InputSource) Now() gorgonia.Value {
	switch {
	case s.bound != nil:
		return *s.bound
	case s.Node != nil:
		return s.Node.Value()
	}
	return s.Value
}

func (s InputSource) String() string {
	switch {
	case s.Node != nil:
		return s.Node.Name()
	case s.Clock:
		return "clock"
	case s.Bounds != nil:
		return "bounds"
	case s.Indices != nil:
		return "indices " + s.Indices.From.Name()
	}
	return "value"
}

// Note is something that a user should know about a node.
type Note struct {
	Node *graph.Node
	Host string // why it runs on the host, "" if it does not
	// Fault is what Gorgonia's own op gets wrong and this plan gets right, "" if
	// nothing.
	Fault string
}

// Step is one application of a primitive that computes.
type Step struct {
	Prim lower.Prim
	In   []lower.Value
	Out  []lower.Value
}

// Place is the kind of memory that an array is in.
type Place uint8

// The places.
const (
	Input Place = iota // the memory of an input
	Arena              // the arena
	State              // the memory of the parameter that an update changes
	Fresh              // memory that is new in every run and that the run publishes
)

// Layout is how a value lies in memory. Element (i0, i1, ...) is at Base + Off +
// i0*Strides[0] + ... of its place.
type Layout struct {
	Place   Place
	Root    lower.Value // the value whose memory it is: an input, or a step's result
	Update  int         // if State: the index of the update
	Kept    int         // if Fresh: the index of the node in the plan's Kept
	Base    int         // if Arena: the place of the root's first element
	Off     int
	Strides []int
	Shape   lower.Shape
}

// Target says what the machine that runs a plan can do.
type Target struct {
	// Regions is the smallest number of images for which the machine runs regions, and
	// convolutions within groups of channels; 0 if it runs none.
	Regions int
	// Depthwise reports whether the machine runs the convolution of images x by kernels w
	// to y, and its gradients, as whole steps for any number of images, where each channel
	// is a group. nil means that it does not.
	Depthwise  func(g lower.Geometry, x, w, y lower.Shape) bool
	Rows       bool // it runs Rows
	Convs      bool // it runs Products of convolutions and pools; every machine runs those of matrices
	Batched    bool // it runs Products of batches of matrices, and PlacedMatMul
	GatherSums bool // it runs GatherSum
}

// Make plans a source for a target.
func Make(s Source, t Target) (*Plan, error) {
	p, err := gather(s)
	if err != nil {
		return nil, err
	}
	return p.finish(t)
}

// OfFunc plans a function without a graph. It publishes no results: they stay in the
// arena or in an input.
func OfFunc(f *lower.Func, dtype graph.Dtype, t Target) (*Plan, error) {
	if err := f.Err(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	p := &Plan{Dtype: dtype, Func: f, Inputs: make([]InputSource, f.Inputs())}
	return p.finish(t)
}

// finish runs the passes and places every array.
func (p *Plan) finish(t Target) (*Plan, error) {
	for _, pass := range passes(t) {
		f, err := pass.run(p.Func)
		if err == nil {
			err = f.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("plan: pass %q: %w", pass.name, err)
		}
		p.Func = f
	}
	p.layOut()
	p.place()
	if err := p.verify(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}

// String lists the plan, one step a line, with the place of each result.
func (p *Plan) String() string {
	var b strings.Builder
	for i, n := range p.Inputs {
		fmt.Fprintf(&b, "%%%d = %v %v\n", i, n, p.Func.Shape(lower.Value(i)))
	}
	for _, s := range p.Steps {
		p.list(&b, "", s)
	}
	results := p.Func.Results()
	for i, n := range p.Kept {
		fmt.Fprintf(&b, "keep %s as %s\n", p.operand(results[i]), n.Name())
	}
	for i, u := range p.Updates {
		v := results[len(p.Kept)+i]
		if p.Values[v].Place == State && p.Values[v].Update == i {
			continue // computed in place
		}
		fmt.Fprintf(&b, "%s becomes %s\n", u.Param.Name(), p.operand(v))
	}
	fmt.Fprintf(&b, "arena %d elements, at least %d\n", p.Arena, p.Least)
	return b.String()
}

// list lists a step; for a group, each member on its own line.
func (p *Plan) list(b *strings.Builder, indent string, s Step) {
	if g, ok := s.Prim.(Group); ok {
		fmt.Fprintf(b, "%sgroup {\n", indent)
		for _, m := range g.Members {
			n := len(m.Loop.Results)
			p.list(b, indent+"\t", Step{Prim: m.Loop, In: s.In[:m.Reads], Out: s.Out[:n]})
			s.In, s.Out = s.In[m.Reads:], s.Out[n:]
		}
		fmt.Fprintf(b, "%s}\n", indent)
		return
	}
	b.WriteString(indent)
	for i, v := range s.Out {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "%%%d", v)
	}
	fmt.Fprintf(b, " = %v", s.Prim)
	for _, v := range s.In {
		fmt.Fprintf(b, " %s", p.operand(v))
	}
	for _, v := range s.Out {
		switch l := p.Values[v]; l.Place {
		case State:
			fmt.Fprintf(b, " %v in %s", l.Shape, p.Updates[l.Update].Param.Name())
		case Fresh:
			fmt.Fprintf(b, " %v in the value of %s", l.Shape, p.Kept[l.Kept].Name())
		default:
			fmt.Fprintf(b, " %v at %d", l.Shape, l.Base)
		}
	}
	b.WriteByte('\n')
}

// operand names a value. For a view it adds shape, strides and offset.
func (p *Plan) operand(v lower.Value) string {
	l := p.Values[v]
	if l.Root == v {
		return fmt.Sprintf("%%%d", v)
	}
	return fmt.Sprintf("%%%d%v/%v+%d", l.Root, l.Shape, l.Strides, l.Off)
}
