package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

const (
	// smallStep is the largest number of elements that a grouped step runs over.
	smallStep = 1 << 13
	// maxMembers bounds the steps of a group.
	maxMembers = 256
)

// group joins small steps that do not depend on each other into one, because starting
// a small step costs as much as running it. A small step is delayed until a step
// needs its result. A step whose results only the function returns is delayed to the
// end.
func group(old *lower.Func) (*lower.Func, error) {
	g := grouper{rewriter: newRewriter(old), read: make([]bool, old.Values())}
	for _, s := range old.Steps() {
		for _, v := range s.In {
			g.read[v] = true
		}
	}
	var soon, final pending
	for _, s := range old.Steps() {
		if lower.IsView(s.Prim) && (soon.view(s) || final.view(s)) {
			continue
		}
		loop, small := LoopOf(s.Prim)
		small = small && g.size(s) <= smallStep
		if soon.needed(s) || len(soon.steps) == maxMembers {
			g.flush(&soon)
		}
		if final.needed(s) || len(final.steps) == maxMembers {
			g.flush(&final)
		}
		switch {
		case small && g.isRead(s):
			soon.add(s, loop)
		case small:
			final.add(s, loop)
		default:
			g.replace(s, g.copyStep(s, g.mapped(s.In)))
		}
	}
	g.flush(&soon)
	g.flush(&final)
	g.finish()
	return g.Func, nil
}

type grouper struct {
	*rewriter
	read []bool // by old value
}

// size returns the number of elements that a step runs over.
func (g *grouper) size(s lower.Step) int { return g.old.Shape(s.In[0]).Size() }

// isRead reports whether another step reads one of the results.
func (g *grouper) isRead(s lower.Step) bool {
	return slices.ContainsFunc(s.Out, func(v lower.Value) bool { return g.read[v] })
}

// pending is a list of delayed steps that will be one group, with views of their
// results.
type pending struct {
	steps   []lower.Step
	loops   []Loop
	views   []lower.Step
	results map[lower.Value]bool
}

func (w *pending) needed(s lower.Step) bool {
	return slices.ContainsFunc(s.In, func(v lower.Value) bool { return w.results[v] })
}

func (w *pending) add(s lower.Step, l Loop) {
	if w.results == nil {
		w.results = map[lower.Value]bool{}
	}
	w.steps, w.loops = append(w.steps, s), append(w.loops, l)
	for _, v := range s.Out {
		w.results[v] = true
	}
}

// view delays a view of a delayed step's result. It returns false for any other view.
func (w *pending) view(s lower.Step) bool {
	if !w.needed(s) {
		return false
	}
	w.views = append(w.views, s)
	w.results[s.Out[0]] = true
	return true
}

// flush writes the delayed steps and views.
func (g *grouper) flush(w *pending) {
	if len(w.steps) == 1 {
		g.replace(w.steps[0], g.copyStep(w.steps[0], g.mapped(w.steps[0].In)))
	} else if len(w.steps) > 1 {
		g.emitGroup(w)
	}
	for _, s := range w.views {
		g.replace(s, g.copyStep(s, g.mapped(s.In)))
	}
	*w = pending{}
}

// emitGroup writes the delayed steps as a group.
func (g *grouper) emitGroup(w *pending) {
	var p Group
	var in []lower.Value
	for i, s := range w.steps {
		p.Members = append(p.Members, Member{w.loops[i], len(s.In)})
		in = append(in, g.mapped(s.In)...)
	}
	outs := g.Apply(p, in...)
	for _, s := range w.steps {
		g.replace(s, outs[:len(s.Out)])
		outs = outs[len(s.Out):]
	}
}
