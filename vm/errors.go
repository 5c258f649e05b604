package vm

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Location is an element of a node's value.
type Location struct {
	Node  *graph.Node
	Layer string // the scope of the builder call that created the node, or ""
	Op    string // "" for an input
	// Of is the node's role in the program: "the gradient of enc/w", "the next value
	// of enc/w", or "".
	Of    string
	In    []graph.Shape
	Shape graph.Shape
	Index []int
}

// String returns a text such as "[3 4] of the gradient of enc/fc1/w, matmul of layer
// enc/fc1/grad, node 7, [8 16] from [8 4] [4 16]". It truncates a long op; Op has
// the full text.
func (s Location) String() string {
	if s.Node == nil {
		return "no node"
	}
	what := "input " + s.Node.Name()
	if s.Op != "" {
		what = truncate(s.Op)
		if s.Layer != "" {
			what += " of layer " + s.Layer
		}
	}
	if s.Of != "" {
		what = s.Of + ", " + what
	}
	text := fmt.Sprintf("%v of %s, node %d, %v", s.Index, what, s.Node.ID(), s.Shape)
	if len(s.In) > 0 {
		text += " from"
		for _, in := range s.In {
			text += " " + in.String()
		}
	}
	return text
}

// maxShown is the most characters of an op or a step that an error shows.
const maxShown = 100

// truncate is a text cut off after maxShown characters.
func truncate(text string) string {
	if r := []rune(text); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return text
}

// NonFinite is the error of a run that computed a NaN or an infinity, under
// Config.Watch.
type NonFinite struct {
	Location
	Value float64
	// Whole says that no node computed alone makes one: it arose where the plan
	// joins several.
	FromFusion bool
}

// Error names the node, the layer, the shapes and the element.
func (e *NonFinite) Error() string {
	s := fmt.Sprintf("%v at %v: this is the first value of the run that is not finite", e.Value, e.Location)
	if e.FromFusion {
		s = fmt.Sprintf("%v at %v: no node computes it when each runs alone", e.Value, e.Location)
	}
	return s + "; the parameters are as before the run"
}

// Difference is the error of Verify: the first node whose value is wrong.
type Difference struct {
	Location
	Got, Want, Tolerance float64
	// Step is set if every node is right when it runs alone, so that fusing the nodes
	// made the value wrong: it is the plan's step that computes the node.
	Step string
}

// Error names the node, the layer, the shapes and the element.
func (e *Difference) Error() string {
	s := fmt.Sprintf("%v is %v, want %v within %.2g", e.Location, e.Got, e.Want, e.Tolerance)
	if e.Step != "" {
		s += "; every node is right when it runs alone, so the fault is in how the plan fuses them: " + truncate(e.Step)
	}
	return s
}
