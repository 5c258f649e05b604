package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// Program is a finished graph, ready to compile: it has named inputs and outputs,
// and the updates of parameters that a run applies. It never changes, and any number
// of machines can run it.
type Program struct {
	graph   *gorgonia.ExprGraph
	params  *Params
	config  Config
	inputs  []Input
	outputs []Output
	domains []Domain
	updates []Update
	layers  []Layer
	input   map[string]int // by name
	output  map[string]int
	owner   map[*Node]*Param
	scopes  map[*Node]string
	grads   map[*Node]*Node
}

// Input is a named array that a program takes before a run. The shape is that of
// the whole batch, [N, ...].
type Input struct {
	Name  string
	Shape Shape
	// Optional says that the input has the value Default until it is set. All
	// other inputs must be set.
	Optional bool
	Default  float64
	Node     *Node
}

// Output is a named value that a run of a program computes.
type Output struct {
	Name  string
	Shape Shape
	Node  *Node
}

// Output names a node whose value a run returns. The scoped name is unique among the
// outputs of the graph.
func (b *Builder) Output(name string, n *Node) {
	if b.Err() != nil {
		return
	}
	name = join(b.scope, name)
	switch {
	case name == "":
		b.Failf("an output has no name")
	case n == nil:
		b.Failf("output %q: the node is nil", name)
	case n.Graph() != b.g:
		b.Failf("output %q: node %s is of another graph", name, n.Name())
	case slices.ContainsFunc(b.outputs, func(o Output) bool { return o.Name == name }):
		b.Failf("output %q: the name is taken: names of outputs are unique in a graph", name)
	default:
		b.outputs = append(b.outputs, Output{name, Shape(n.Shape()), n})
	}
}

// Program returns the finished program, or the first mistake made in building it.
// Nodes added to the graph later are not part of the program.
func (b *Builder) Program() (*Program, error) {
	if err := b.Err(); err != nil {
		return nil, err
	}
	if len(b.outputs)+len(b.updates) == 0 {
		return nil, fmt.Errorf("graph: the program computes nothing: name a result with Output, or change a parameter with Update")
	}
	p := &Program{
		graph:   b.g,
		params:  b.params,
		config:  b.Config,
		inputs:  slices.Clone(b.order),
		outputs: slices.Clone(b.outputs),
		updates: slices.Clone(b.updates),
		layers:  b.Layers(),
		input:   map[string]int{},
		output:  map[string]int{},
		owner:   maps.Clone(b.owner),
		scopes:  maps.Clone(b.scopes),
		grads:   maps.Clone(b.grads),
	}
	for i, in := range p.inputs {
		p.input[in.Name] = i
	}
	for _, d := range b.domains {
		if _, ok := p.input[d.Input]; ok {
			p.domains = append(p.domains, d)
		}
	}
	for i, out := range p.outputs {
		p.output[out.Name] = i
	}
	return p, nil
}

// Params returns the parameters that the program reads and changes.
func (p *Program) Params() *Params { return p.params }

// Dtype returns the element type.
func (p *Program) Dtype() Dtype { return p.params.dtype }

// Config returns what the program was built for.
func (p *Program) Config() Config { return p.config }

// Inputs returns the inputs in the order in which they were added.
func (p *Program) Inputs() []Input { return slices.Clone(p.inputs) }

// Outputs returns the outputs in the order in which they were named.
func (p *Program) Outputs() []Output { return slices.Clone(p.outputs) }

// Updates returns the updates of parameters that a run applies, in the order in
// which they were added.
func (p *Program) Updates() []Update { return slices.Clone(p.updates) }

// Layers returns the layers in the order in which they were built.
func (p *Program) Layers() []Layer { return slices.Clone(p.layers) }

// Input returns the input of that name; ok is false if there is none.
func (p *Program) Input(name string) (in Input, ok bool) {
	i, ok := p.input[name]
	if ok {
		in = p.inputs[i]
	}
	return in, ok
}

// Output returns the output of that name; ok is false if there is none.
func (p *Program) Output(name string) (out Output, ok bool) {
	i, ok := p.output[name]
	if ok {
		out = p.outputs[i]
	}
	return out, ok
}

// FindInput is Input with an error that lists the program's inputs.
func (p *Program) FindInput(name string) (Input, error) {
	if in, ok := p.Input(name); ok {
		return in, nil
	}
	var have []string
	for _, in := range p.inputs {
		have = append(have, in.Name)
	}
	return Input{}, missing("input", name, have)
}

// FindOutput is Output with an error that lists the program's outputs.
func (p *Program) FindOutput(name string) (Output, error) {
	if out, ok := p.Output(name); ok {
		return out, nil
	}
	var have []string
	for _, out := range p.outputs {
		have = append(have, out.Name)
	}
	return Output{}, missing("output", name, have)
}

// missing is the error for a name that the program does not have.
func missing(kind, name string, have []string) error {
	list := "none"
	if len(have) > 0 {
		list = strings.Join(have, ", ")
	}
	return fmt.Errorf("the program has no %s %q: it has %s", kind, name, list)
}

// Clock returns the input that random numbers are indexed by, or nil if the program
// draws none.
func (p *Program) Clock() *Node {
	if in, ok := p.Input(clockName); ok {
		return in.Node
	}
	return nil
}

// Graph returns the Gorgonia graph.
func (p *Program) Graph() *gorgonia.ExprGraph { return p.graph }

// ParamOf returns the parameter that the node reads, or nil.
func (p *Program) ParamOf(n *Node) *Param { return p.owner[n] }

// LayerOf returns the scope that a node was added in, such as "encoder/conv1", or ""
// if the builder did not add it.
func (p *Program) LayerOf(n *Node) string { return p.scopes[n] }

// GradientOf returns the node that n is the gradient with respect to, or nil.
func (p *Program) GradientOf(n *Node) *Node { return p.grads[n] }
