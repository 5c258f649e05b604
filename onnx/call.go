package onnx

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
)

// operation is an op that the reader has.
type operation struct {
	operands int // at least so many
	// shapes says that it looks at operands that are known by itself, instead of having
	// them computed in a graph.
	shapes bool
	run    func(c *call) ([]value, error)
}

// call is a node of a file that is added to a graph.
type call struct {
	*reader
	b  *graph.Builder // with the node's scope
	n  *onnxproto.Node
	in []value
}

// has reports whether operand i is given.
func (c *call) has(i int) bool { return i < len(c.in) && c.n.Inputs[i] != "" }

// x returns operand i as a node.
func (c *call) x(i int) (*graph.Node, error) {
	if !c.has(i) {
		return nil, fmt.Errorf("operand %d is missing", i)
	}
	n, err := c.reader.float(c.in[i])
	if err != nil {
		return nil, fmt.Errorf("operand %q: %w", c.n.Inputs[i], err)
	}
	return n, nil
}

// all returns the first n operands as nodes.
func (c *call) all(n int) ([]*graph.Node, error) {
	out := make([]*graph.Node, n)
	for i := range out {
		var err error
		if out[i], err = c.x(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// result returns a node as the op's one result.
func (c *call) result(n *graph.Node) ([]value, error) { return c.typed(n, false) }

// typed is result of a node that has whole numbers in the file.
func (c *call) typed(n *graph.Node, whole bool) ([]value, error) {
	if err := c.b.Err(); err != nil {
		return nil, err
	}
	if n == nil {
		return nil, fmt.Errorf("it has no result")
	}
	return []value{{node: n, shape: n.Shape(), whole: whole}}, nil
}

func (c *call) attribute(name string) *onnxproto.Attribute {
	for _, a := range c.n.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

func (c *call) int(name string, unset int) int {
	if a := c.attribute(name); a != nil {
		return int(a.I)
	}
	return unset
}

func (c *call) number(name string, unset float64) float64 {
	if a := c.attribute(name); a != nil {
		return float64(a.F)
	}
	return unset
}

func (c *call) text(name, unset string) string {
	if a := c.attribute(name); a != nil {
		return a.S
	}
	return unset
}

func (c *call) ints(name string) []int {
	a := c.attribute(name)
	if a == nil {
		return nil
	}
	out := make([]int, len(a.Ints))
	for i, v := range a.Ints {
		out[i] = int(v)
	}
	return out
}

// list returns whole numbers that are the operand i or, in older versions, an attribute.
// It is nil if neither is given.
func (c *call) list(i int, name string) ([]int, error) {
	if c.has(i) {
		v, err := c.in[i].ints()
		if err != nil {
			return nil, fmt.Errorf("operand %q: %w", c.n.Inputs[i], err)
		}
		if v == nil {
			v = []int{}
		}
		return v, nil
	}
	return c.ints(name), nil
}

// axis returns an axis of an array of that rank; a negative one counts from the end.
func axisOf(a, rank int) (int, error) {
	if a < -rank || a >= rank {
		return 0, fmt.Errorf("axis %d is outside of an array of %d axes", a, rank)
	}
	return (a + rank) % rank, nil
}

func axesOf(as []int, rank int) ([]int, error) {
	out := make([]int, len(as))
	seen := map[int]bool{}
	for i, a := range as {
		var err error
		if out[i], err = axisOf(a, rank); err != nil {
			return nil, err
		}
		if seen[out[i]] {
			return nil, fmt.Errorf("axis %d is given twice", a)
		}
		seen[out[i]] = true
	}
	return out, nil
}
