package plan

import (
	"reflect"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Gorgonia merges nodes that it considers equal, and changes existing nodes. The
// graph does not show what the program meant, but it does show where a node may not
// be what it looks like.

// Doubt says why a node may not be what it looks like.
type Doubt struct {
	Node  *graph.Node
	Check string // the name of the check that raised it
	Why   string
}

// Doubts checks every node of a graph, whoever built the graph.
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

// checks is the list of all checks. Each returns the reason for a doubt, or "".
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

// graphFacts holds a graph's nodes with facts that a node alone does not give.
type graphFacts struct {
	operands    map[*graph.Node][]*graph.Node
	readers     map[*graph.Node][]*graph.Node // a reader appears once for each operand that it reads
	backward    map[*graph.Node]bool
	made        map[uintptr]int // by a leaf's address: how often the program made it
	edges       map[uintptr]map[uintptr]int
	costs       []*graph.Node // the differentiated costs, in order
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

// differentiatedAt returns the costs that the program called Grad for, in order. Each
// has the constant 1 as its derivative. So do the terms of a summed cost. A term is
// not listed, because the sum that depends on it comes first.
func (x *graphFacts) differentiatedAt(one *graph.Node) (costs []*graph.Node) {
	for _, n := range one.DerivOf() {
		if !slices.ContainsFunc(costs, func(c *graph.Node) bool { return x.ancestors(c)[n] }) {
			costs = append(costs, n)
		}
	}
	return costs
}

// isGradient reports whether Grad made a node. Grad puts helper nodes, which are no
// node's derivative, in the group "gradients".
func isGradient(n *graph.Node) bool {
	return len(n.DerivOf()) > 0 && !IsConstant(n) || GroupOf(n) == "gradients"
}

// GroupOf returns Gorgonia's name for the part of the graph that a node belongs to,
// such as "gradients". Most nodes have none, and it returns "".
func GroupOf(n *graph.Node) string {
	if group := reflect.ValueOf(n).Elem().FieldByName("group"); group.Kind() == reflect.String {
		return group.String()
	}
	return ""
}

// IsConstant reports whether a node is one of Gorgonia's constants.
func IsConstant(n *graph.Node) bool { return strings.HasPrefix(KindOf(n.Op()), "constant") }

// count finds how often the program made each node. Each time that a program makes a
// node, Gorgonia adds it to the list of leaves or to the readers of its operands,
// even if it merges the node with an older one. Grad removes repeats from the
// readers.
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

// timesMade returns how often the program made a node, or 1 if that is not known.
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

// shared reports whether a node may stand for two that the program made. The count
// does not always show that, so a node that the forward pass reads twice counts too.
func (x *graphFacts) shared(n *graph.Node) bool {
	reads := 0
	for _, r := range x.readers[n] {
		if !x.backward[r] {
			reads++
		}
	}
	return reads > 1 || x.timesMade(n) > 1
}

// ancestors returns a node and the nodes that it depends on.
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

// names lists the names of nodes for a message: three at most, without repeats.
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
