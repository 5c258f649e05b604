// Package plan makes a graph ready to run: it writes the whole step, forward,
// backward and every update, as one function in the primitives of package
// lower, improves it in a list of passes, puts its steps in order, and gives
// every array a place in one arena. A machine then runs the steps; it never
// looks at the graph again.
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

// Source is the graph to plan and what is wanted of it.
type Source struct {
	Graph *gorgonia.ExprGraph
	Dtype graph.Dtype
	// Keep are the nodes whose values are wanted; the last Quiet of them are not
	// published, but read from the machine.
	Keep        []*graph.Node
	Unpublished int
	// Updates are the changes of state.
	Updates []graph.Update
	// Moving are the nodes of slices whose bounds are an input.
	DynamicSlices map[*graph.Node]bool
	// Modes are whether Gorgonia's ops train; nil goes by each op's own flag.
	Modes *Modes
	// ParamOf returns the parameter that a node reads, or nil; it may be nil
	// itself of a graph without any.
	ParamOf func(*graph.Node) *graph.Param
	// Bound are where a machine keeps the values of inputs; those of any other
	// input are bound to its node.
	Bound map[*graph.Node]*gorgonia.Value
}

// ValueOf returns the value that an input has now.
func (s Source) ValueOf(n *graph.Node) gorgonia.Value {
	if v := s.Bound[n]; v != nil {
		return *v
	}
	return n.Value()
}

// SourceOf is what a program computes: all of it is read from the machine.
func SourceOf(p *graph.Program) Source {
	s := Source{Graph: p.Graph(), Dtype: p.Dtype(), Updates: p.Updates(), ParamOf: p.ParamOf, Bound: map[*graph.Node]*gorgonia.Value{}}
	for _, out := range p.Outputs() {
		if !slices.Contains(s.Keep, out.Node) {
			s.Keep = append(s.Keep, out.Node)
		}
	}
	s.Unpublished = len(s.Keep)
	return s
}

// SourceOfBuilder is what a builder wants of its graph.
func SourceOfBuilder(b *graph.Builder) Source {
	s := Source{Graph: b.Graph(), Dtype: b.Dtype(), Keep: slices.Clone(b.Kept()), Updates: b.Updates(), ParamOf: b.ParamOf}
	for _, n := range b.Reads() {
		if !slices.Contains(s.Keep, n) {
			s.Keep = append(s.Keep, n)
			s.Unpublished++
		}
	}
	return s
}

// Plan is a graph ready to run.
type Plan struct {
	Dtype graph.Dtype
	// Func is the step after the passes: its inputs are Inputs, its results
	// the values of Kept, then those of Updates, then those of Next.
	Func *lower.Func
	// Inputs are where the function's inputs come from.
	Inputs []InputSource
	// Kept are the nodes that are wanted, of which the last Quiet are not
	// published, and Updates the changes of state.
	Kept        []*graph.Node
	Unpublished int
	Updates     []graph.Update
	// Boxes is how many values of other types than Dtype there are.
	Boxes int
	boxOf []int // by kept node; nil if there are none
	// Next are the memories of ops that keep state of their own, which take
	// the function's last results.
	Next []*tensor.Dense
	// Notes say of nodes of Gorgonia's own ops what a user should know.
	Notes []Note
	// Stale tell, before a run, whether an op has come to mean something else.
	Stale  []func() bool
	slices []staticSlice
	// Steps are the steps that compute, in order; views are none.
	Steps []Step
	// Values are the layouts of all values of Func.
	Values []Layout
	// Arena is the size of the arena in elements.
	Arena int
	// Least is the greatest number of elements alive at one time: no arena can
	// be smaller.
	Least int

	order []exprgraph.Ordered // the nodes that values are tagged with
}

// InputSource is where an input of the function comes from: one of these.
type InputSource struct {
	Node  *graph.Node    // the value bound to a node
	Param *graph.Param   // that the node reads; nil of an input that is none
	Value gorgonia.Value // a constant, or the memory of an op's own state
	Clock bool           // the clock of random numbers, which the machine moves on
	// Bounds are the words of a slice that moves, as lower.SliceWords has them.
	Bounds func() ([4]float64, error)
	// Indices name rows, as ReadIndices has them.
	Indices *Indices

	bound *gorgonia.Value // where the machine keeps the node's value; nil if it is bound to the node
}

// Now returns the value that the input has now; nil if it is none of memory.
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

// Note is something to know of a node.
type Note struct {
	Node *graph.Node
	Host string // why it runs on the host, "" if it does not
	// Fault is what Gorgonia's own op gets wrong, and this plan does not; ""
	// if nothing.
	Fault string
}

// Step is a primitive that computes.
type Step struct {
	Prim lower.Prim
	In   []lower.Value
	Out  []lower.Value
}

// Place is where an array's memory is.
type Place uint8

// The places.
const (
	Input Place = iota // the memory of an input
	Arena              // the arena
	State              // the memory of the parameter that an update changes
	Fresh              // memory that is new in every run, and that the run publishes
)

// Layout is how a value lies in memory: element (i0, i1, ...) is at
// Base + Off + i0*Strides[0] + ... of its place.
type Layout struct {
	Place   Place
	Root    lower.Value // the value whose memory it is: an input, or a step's result
	Update  int         // of State: which update
	Kept    int         // of Fresh: which of the plan's Kept has it
	Base    int         // of Arena: the root's first element
	Off     int
	Strides []int
	Shape   lower.Shape
}

// Target is what the machine that is to run a plan can do.
type Target struct {
	// Regions is of how many images at least it runs regions: fewer are best
	// taken whole. 0 means that it runs none.
	Regions int
	Convs   bool // run Products of convolutions and pools; those of matrices every machine does
}

// Make plans a source for a target.
func Make(s Source, t Target) (*Plan, error) {
	p, err := gather(s)
	if err != nil {
		return nil, err
	}
	return p.finish(t)
}

// OfFunc plans a bare function, of whose results nothing is published: they
// stay in the arena, or in an input.
func OfFunc(f *lower.Func, dtype graph.Dtype, t Target) (*Plan, error) {
	if err := f.Err(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	p := &Plan{Dtype: dtype, Func: f, Inputs: make([]InputSource, f.Inputs())}
	return p.finish(t)
}

// finish runs the passes, and gives every array its place.
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

// String lists the plan, a line a step, with where each result is.
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
			continue // computed where it belongs
		}
		fmt.Fprintf(&b, "%s becomes %s\n", u.Param.Name(), p.operand(v))
	}
	fmt.Fprintf(&b, "arena %d elements, at least %d\n", p.Arena, p.Least)
	return b.String()
}

// list lists a step, and the members of a group each on a line.
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

// operand names a value, and how it is read where that is not as it lies.
func (p *Plan) operand(v lower.Value) string {
	l := p.Values[v]
	if l.Root == v {
		return fmt.Sprintf("%%%d", v)
	}
	return fmt.Sprintf("%%%d%v/%v+%d", l.Root, l.Shape, l.Strides, l.Off)
}
