package vm

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Spot is an element of a node's value.
type Spot struct {
	Node  *graph.Node
	Layer string // the scope that the node was made in, "" if no builder made it
	Op    string // "" of an input
	// Of is what the node is to the program, such as "the gradient of enc/w" or
	// "the next value of enc/w"; "" if it is nothing of the kind.
	Of    string
	In    []graph.Shape
	Shape graph.Shape
	Index []int
}

// String is such as "[3 4] of the gradient of enc/fc1/w, matmul of layer
// enc/fc1/grad, node 7, [8 16] from [8 4] [4 16]". A long op is cut short: Op has
// all of it.
func (s Spot) String() string {
	if s.Node == nil {
		return "no node"
	}
	what := "input " + s.Node.Name()
	if s.Op != "" {
		what = cut(s.Op)
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

// longest is how much of an op or a step an error shows.
const longest = 100

// cut is a text without what is beyond the longest.
func cut(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return text
}

// NonFinite is the error of a run, under Config.Watch, that made a NaN or an
// infinity.
type NonFinite struct {
	Spot
	Value float64
	// Whole says that no node computed alone makes one: it arose where the plan
	// joins several.
	Whole bool
}

// Error names the node, the layer, the shapes and the element.
func (e *NonFinite) Error() string {
	s := fmt.Sprintf("%v at %v: it is the first value of this run that is not finite", e.Value, e.Spot)
	if e.Whole {
		s = fmt.Sprintf("%v at %v: no node makes it when each is computed alone", e.Value, e.Spot)
	}
	return s + "; parameters are as before the run"
}

// Difference is the error of Verify: the first node whose value is wrong.
type Difference struct {
	Spot
	Got, Want, Tolerance float64
	// Step is the plan's step that computes the node where every node is right
	// alone, so that it is the joining of nodes that is wrong; else "".
	Step string
}

// Error names the node, the layer, the shapes and the element.
func (e *Difference) Error() string {
	s := fmt.Sprintf("%v is %v, want %v within %.2g", e.Spot, e.Got, e.Want, e.Tolerance)
	if e.Step != "" {
		s += "; every node alone is right, so it is how the plan joins them: " + cut(e.Step)
	}
	return s
}
