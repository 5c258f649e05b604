package compiled

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// Gradients of nodes within the graph. A program can name them, by Grad, but it
// seldom does, and to publish all takes a tenth to a third more of a step, of a
// convnet as of a policy of batch 1 (bench -programs all). So where they are few
// and small they are published, as where a program says so, and any other is told
// how to by what stands in their place: it must not take them for nothing.

// The most that are published unasked: nodes, and elements of all together.
const (
	fewInner   = 8
	smallInner = 4096
)

// inner returns the gradients of nodes within that are not published.
func (p publisher) inner(g *gorgonia.ExprGraph) (out []*graph.Node) {
	for _, n := range g.AllNodes() {
		if n.Op() == nil || isStatement(n) || p.publish(n) {
			continue
		}
		for _, of := range n.DerivOf() {
			if !p.interior[of] && !p.gradient[of] {
				out = append(out, n)
				break
			}
		}
	}
	return out
}

// isSmall reports whether nodes are few and small.
func isSmall(nodes []*graph.Node) bool {
	elements := 0
	for _, n := range nodes {
		elements += graph.Shape(n.Shape()).Size()
	}
	return len(nodes) <= fewInner && elements <= smallInner
}

// unpublished stands in the place of a gradient that is not published. It is no
// tensor and no number, so that nothing computes with it.
type notPublished struct{ node *graph.Node }

var errNotPublished = errors.New("the gradient of a node within is not published: " +
	"name the node in gorgonia.BindDualValues, Read its Deriv, or give gorgonia.TraceExec")

func (u notPublished) Shape() tensor.Shape        { return u.node.Shape() }
func (u notPublished) Size() int                  { return u.node.Shape().TotalSize() }
func (u notPublished) Dtype() tensor.Dtype        { return u.node.Dtype() }
func (u notPublished) Data() any                  { return errNotPublished }
func (u notPublished) Uintptr() uintptr           { return 0 }
func (u notPublished) MemSize() uintptr           { return 0 }
func (u notPublished) Pointer() unsafe.Pointer    { return nil }
func (u notPublished) Clone() any                 { return u }
func (u notPublished) Format(s fmt.State, _ rune) { fmt.Fprint(s, errNotPublished) }

// standIn binds what stands in the place of nodes that have no value.
func bindPlaceholder(nodes []*graph.Node) error {
	for _, n := range nodes {
		if n.Value() != nil {
			continue
		}
		if err := gorgonia.UnsafeLet(n, notPublished{n}); err != nil {
			return fmt.Errorf("node %s: %w", n.Name(), err)
		}
	}
	return nil
}
