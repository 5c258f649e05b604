package plan

import (
	"reflect"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Gorgonia merges nodes that it takes for equal and changes nodes that are
// there. What was meant cannot be told from the graph any more, but that a node
// may not be what it looks like can.

// Doubt says of a node why it may not be what it looks like.
type Doubt struct {
	Node  *graph.Node
	Check string // which of the suspicions it is
	Why   string
}

// Doubts looks through a graph, whoever built it, for nodes that may not be what
// they look like.
func Doubts(g *gorgonia.ExprGraph) ([]Doubt, error) {
	x, err := collectFacts(g)
	if err != nil {
		return nil, err
	}
	var out []Doubt
	for _, n := range g.AllNodes() {
		for _, s := range checks {
			if why := s.check(x, n); why != "" {
				out = append(out, Doubt{n, s.name, why})
			}
		}
	}
	return out, nil
}

// suspicions are what a node may not be. look says why, "" if there is nothing
// to suspect.
var checks = []struct {
	name  string
	check func(x *graphFacts, n *graph.Node) string
}{
	{"inputs of one name", (*graphFacts).sameName},
	{"constants of two types", (*graphFacts).constantOfOtherType},
	{"constants that print the same", (*graphFacts).samePrint},
	{"two of one operand", (*graphFacts).twice},
	{"slices with bounds equal modulo 256", (*graphFacts).sameSlice},
	{"gradients of a concatenation", (*graphFacts).sameParts},
	{"dropouts of one input", (*graphFacts).sameDropout},
	{"a softmax and its logarithm", (*graphFacts).softmax},
	{"a second Grad", (*graphFacts).secondGrad},
	{"the Grad of a gradient", (*graphFacts).gradOfGrad},
}

// examined is a graph with what its nodes do not tell by themselves.
type graphFacts struct {
	operands    map[*graph.Node][]*graph.Node
	readers     map[*graph.Node][]*graph.Node // as often as they read
	backward    map[*graph.Node]bool
	made        map[uintptr]int // how often a leaf was made, by its address
	edges       map[uintptr]map[uintptr]int
	costs       []*graph.Node // that were differentiated, the first first
	ancestorsOf map[*graph.Node]map[*graph.Node]bool
}

func collectFacts(g *gorgonia.ExprGraph) (*graphFacts, error) {
	order, err := exprgraph.Order(g, g.AllNodes()...)
	if err != nil {
		return nil, err
	}
	x := &graphFacts{
		operands:    map[*graph.Node][]*graph.Node{},
		readers:     map[*graph.Node][]*graph.Node{},
		backward:    map[*graph.Node]bool{},
		ancestorsOf: map[*graph.Node]map[*graph.Node]bool{},
	}
	for _, o := range order {
		x.operands[o.Node] = o.Operands
		back := isGradient(o.Node)
		for _, c := range o.Operands {
			back = back || x.backward[c]
		}
		x.backward[o.Node] = back
		for _, c := range o.Operands {
			x.readers[c] = append(x.readers[c], o.Node)
		}
	}
	x.count(g)
	for _, o := range order {
		if v, ok := directConstant(o.Node); ok && v == 1 {
			x.costs = x.differentiatedAt(o.Node)
		}
	}
	return x, nil
}

// differentiatedAt returns the costs that Grad was asked for, in that order: all
// have the constant 1 as their derivative, and so have terms of a sum, which are
// part of an earlier one.
func (x *graphFacts) differentiatedAt(one *graph.Node) (costs []*graph.Node) {
	for _, n := range one.DerivOf() {
		if !slices.ContainsFunc(costs, func(c *graph.Node) bool { return x.ancestors(c)[n] }) {
			costs = append(costs, n)
		}
	}
	return costs
}

// isGradient reports whether Grad made a node. What it makes without being the
// derivative of a node it puts in a group of its own.
func isGradient(n *graph.Node) bool {
	return len(n.DerivOf()) > 0 && !IsConstant(n) || GroupOf(n) == "gradients"
}

// GroupOf is what Gorgonia calls the part of the graph that it made a node for,
// "gradients" say; "" of most.
func GroupOf(n *graph.Node) string {
	if group := reflect.ValueOf(n).Elem().FieldByName("group"); group.Kind() == reflect.String {
		return group.String()
	}
	return ""
}

// IsConstant reports whether a node is a constant of Gorgonia's.
func IsConstant(n *graph.Node) bool { return strings.HasPrefix(KindOf(n.Op()), "constant") }

// count finds how often nodes were made: Gorgonia lists a leaf, and a node among
// the readers of its operands, each time that it is. Grad tidies the second list.
func (x *graphFacts) count(g *gorgonia.ExprGraph) {
	x.made, x.edges = map[uintptr]int{}, map[uintptr]map[uintptr]int{}
	fields := reflect.ValueOf(g).Elem()
	if leaves := fields.FieldByName("leaves"); leaves.Kind() == reflect.Slice {
		for i := range leaves.Len() {
			x.made[leaves.Index(i).Pointer()]++
		}
	}
	to := fields.FieldByName("to")
	if to.Kind() != reflect.Map {
		return
	}
	for it := to.MapRange(); it.Next(); {
		of, readers := it.Key().Pointer(), it.Value()
		for i := range readers.Len() {
			if x.edges[of] == nil {
				x.edges[of] = map[uintptr]int{}
			}
			x.edges[of][readers.Index(i).Pointer()]++
		}
	}
}

// times is how often a node was made, as far as that can be told: 1 if not.
func (x *graphFacts) timesMade(n *graph.Node) int {
	at := func(n *graph.Node) uintptr { return reflect.ValueOf(n).Pointer() }
	operands := x.operands[n]
	if len(operands) == 0 {
		return max(1, x.made[at(n)])
	}
	reads := 0
	for _, c := range operands {
		if c == operands[0] {
			reads++
		}
	}
	return max(1, x.edges[at(operands[0])][at(n)]/reads)
}

// shared reports whether a node may stand for two that were made: it was made
// twice or, as that cannot always be told, the forward pass reads it twice.
func (x *graphFacts) shared(n *graph.Node) bool {
	reads := 0
	for _, r := range x.readers[n] {
		if !x.backward[r] {
			reads++
		}
	}
	return reads > 1 || x.timesMade(n) > 1
}

// under returns the nodes that a node depends on, itself among them.
func (x *graphFacts) ancestors(n *graph.Node) map[*graph.Node]bool {
	if s := x.ancestorsOf[n]; s != nil {
		return s
	}
	seen := map[*graph.Node]bool{}
	for todo := []*graph.Node{n}; len(todo) > 0; {
		n, todo = todo[len(todo)-1], todo[:len(todo)-1]
		if !seen[n] {
			seen[n] = true
			todo = append(todo, x.operands[n]...)
		}
	}
	x.ancestorsOf[n] = seen
	return seen
}

// names lists nodes that a reader is to look at, no more than three.
func names(nodes []*graph.Node) string {
	var out []string
	for _, n := range nodes {
		if !slices.Contains(out, n.Name()) {
			out = append(out, n.Name())
		}
	}
	if len(out) > 3 {
		out = append(out[:3], "others")
	}
	return strings.Join(out, ", ")
}
