package compiled

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// Gradients of inner nodes. A program can get them by Grad, but few programs do, and
// publishing all of them makes a step 10 to 33 % slower, both of a convnet and of a
// policy of batch 1 (bench -programs all). So they are published if they are few and
// small, or if the program asks. Any other inner gradient has a placeholder that says
// how to ask, so that a program does not take it for a missing gradient.

// The largest number of nodes, and of elements in total, that are published without
// being asked for.
const (
	fewInner   = 8
	smallInner = 4096
)

// inner returns the gradients of inner nodes that are not published.
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

// notPublished is the placeholder for a gradient that is not published. It is neither a
// tensor nor a number, so that nothing can compute with it.
type notPublished struct{ node *graph.Node }

var errNotPublished = errors.New("the gradient of an inner node is not published: " +
	"name the node in gorgonia.BindDualValues, Read its Deriv, or pass gorgonia.TraceExec")

func (u notPublished) Shape() tensor.Shape        { return u.node.Shape() }
func (u notPublished) Size() int                  { return u.node.Shape().TotalSize() }
func (u notPublished) Dtype() tensor.Dtype        { return u.node.Dtype() }
func (u notPublished) Data() any                  { return errNotPublished }
func (u notPublished) Uintptr() uintptr           { return 0 }
func (u notPublished) MemSize() uintptr           { return 0 }
func (u notPublished) Pointer() unsafe.Pointer    { return nil }
func (u notPublished) Clone() any                 { return u }
func (u notPublished) Format(s fmt.State, _ rune) { fmt.Fprint(s, errNotPublished) }

// bindPlaceholder binds placeholders to the nodes that have no value.
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
