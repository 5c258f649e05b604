// Package exprgraph reads parts of Gorgonia's graphs that Gorgonia does not export:
// operands and their order.
package exprgraph

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"
)

var errNoGraph = errors.New("graph: no graph: create one with gorgonia.NewGraph or graph.New")

// Ordered is a node with its operands.
type Ordered struct {
	Node     *gorgonia.Node
	Operands []*gorgonia.Node
}

// Order returns the targets and the nodes that they depend on, operands before the nodes
// that read them.
func Order(g *gorgonia.ExprGraph, targets ...*gorgonia.Node) ([]Ordered, error) {
	return OrderUntil(g, func(*gorgonia.Node) bool { return false }, targets...)
}

// OrderUntil is Order without the nodes for which ended is true, and without the nodes
// that only they depend on.
func OrderUntil(g *gorgonia.ExprGraph, ended func(*gorgonia.Node) bool, targets ...*gorgonia.Node) ([]Ordered, error) {
	if g == nil {
		return nil, errNoGraph
	}
	of := OperandsOf(g)
	out := make([]Ordered, 0, len(of))
	seen := make(map[*gorgonia.Node]bool, len(of))
	var walk func(*gorgonia.Node) error
	walk = func(n *gorgonia.Node) error {
		if seen[n] || ended(n) {
			return nil
		}
		seen[n] = true
		operands, ok := of[n]
		if !ok {
			return fmt.Errorf("graph: node %v is not in this graph", n)
		}
		if len(operands) != children(n).Len() {
			return fmt.Errorf("graph: an operand of node %v is not in this graph: it was removed, or belongs to another graph", n)
		}
		for _, c := range operands {
			if err := walk(c); err != nil {
				return err
			}
		}
		out = append(out, Ordered{n, operands})
		return nil
	}
	for _, n := range targets {
		if n == nil {
			return nil, fmt.Errorf("graph: a target is nil")
		}
		if err := walk(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}
