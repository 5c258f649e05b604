package exprgraph

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"
)

// OperandsOf returns every node's operands in order. It reads an unexported field:
// Gorgonia does not export them, and the lists of its graph are stale after a node is
// removed.
func OperandsOf(g *gorgonia.ExprGraph) map[*gorgonia.Node][]*gorgonia.Node {
	nodes := g.AllNodes()
	at := make(map[uintptr]*gorgonia.Node, len(nodes))
	for _, n := range nodes {
		at[PointerOf(n)] = n
	}
	out := make(map[*gorgonia.Node][]*gorgonia.Node, len(nodes))
	all := make([]*gorgonia.Node, 0, 2*len(nodes)) // backs all lists
	for _, n := range nodes {
		first, cs := len(all), children(n)
		for i := range cs.Len() {
			if c := at[cs.Index(i).Pointer()]; c != nil {
				all = append(all, c)
			}
		}
		out[n] = all[first:len(all):len(all)]
	}
	return out
}

// children returns Gorgonia's list of a node's operands.
func children(n *gorgonia.Node) reflect.Value {
	return reflect.ValueOf(n).Elem().FieldByName("children")
}

// PointerOf returns the address of a node.
func PointerOf(n *gorgonia.Node) uintptr { return reflect.ValueOf(n).Pointer() }

// OperandPointers returns the addresses of a node's operands, in order.
func OperandPointers(n *gorgonia.Node) []uintptr {
	cs := children(n)
	out := make([]uintptr, cs.Len())
	for i := range out {
		out[i] = cs.Index(i).Pointer()
	}
	return out
}

// Operands returns the operands of a node in order.
func Operands(g *gorgonia.ExprGraph, n *gorgonia.Node) ([]*gorgonia.Node, error) {
	if g == nil {
		return nil, errNoGraph
	}
	if n == nil {
		return nil, errors.New("graph: no node")
	}
	pointers, here := OperandPointers(n), false
	found := make([]*gorgonia.Node, len(pointers))
	for _, c := range g.AllNodes() {
		here = here || c == n
		for i, p := range pointers {
			if p == PointerOf(c) {
				found[i] = c
			}
		}
	}
	if !here {
		return nil, fmt.Errorf("graph: node %s is not in this graph", n.Name())
	}
	return slices.DeleteFunc(found, func(c *gorgonia.Node) bool { return c == nil }), nil
}
