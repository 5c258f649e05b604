package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Gradients adds the gradients of the task's loss with respect to the weights
// that it trains. It returns the nodes of both, in the order in which the
// parameters were created. It is an error if the task trains nothing, if a pattern
// of Trains matches no weight, or if a pattern matches no weight that the loss
// depends on. It is also an error if no gradient reaches a weight that Trains names
// in full.
func (t Task) Gradients(b *Builder) (weights, grads []*Node) {
	if b.Err() != nil {
		return nil, nil
	}
	chosen := t.choose(b, b.weightsOf(t.Loss))
	nodes := make([]*Node, len(chosen))
	for i, q := range chosen {
		nodes[i] = b.readers[q.name]
	}
	for i, g := range b.grad(t.Loss, nodes, false) {
		switch {
		case g != nil:
			weights, grads = append(weights, nodes[i]), append(grads, g)
		case slices.Contains(t.Trains, chosen[i].name):
			b.Failf("task %q: no gradient reaches %s, which it trains: an op between it and the loss has none", t.Name, chosen[i].name)
		}
	}
	if b.Err() != nil {
		return nil, nil
	}
	if len(weights) == 0 {
		b.Failf("task %q trains no weight: no gradient of its loss reaches one of %v", t.Name, names(chosen))
	}
	return weights, grads
}

// weightsOf returns the weights that a loss depends on, in the order in which they
// were created.
func (b *Builder) weightsOf(loss *Node) (read []*Param) {
	if _, err := b.operands([]*Node{loss}); err != nil {
		b.Failf("gradient: %w", err)
		return nil
	}
	order, err := exprgraph.Order(b.g, loss)
	if err != nil {
		b.Failf("gradient: %w", err)
		return nil
	}
	under := map[*Param]bool{}
	for _, o := range order {
		under[b.owner[o.Node]] = true
	}
	for _, q := range b.params.Trainable() {
		if under[q] {
			read = append(read, q)
		}
	}
	return read
}

// choose returns the weights that the task trains, out of the weights read that its
// loss depends on.
func (t Task) choose(b *Builder, read []*Param) (chosen []*Param) {
	if b.Err() != nil {
		return nil
	}
	if len(read) == 0 {
		b.Failf("task %q trains no weight: its loss depends on none", t.Name)
		return nil
	}
	if t.Trains == nil {
		return read
	}
	all := b.params.Trainable()
	chosen, idle, err := matchingAll(t.Trains, all, read)
	switch {
	case err != nil:
		b.Failf("task %q: %w", t.Name, err)
		return nil
	case len(idle) > 0:
		b.Failf("task %q: the loss depends on no weight that the pattern %q matches: these are %v", t.Name, idle[0], names(matching(idle[0], all)))
		return nil
	case len(chosen) == 0:
		b.Failf("task %q trains no weight: of those that its loss depends on, %v, the patterns %q choose none", t.Name, names(read), t.Trains)
	}
	return chosen
}

// WeightsMatching returns those of the weights that the patterns choose, in the order of
// the weights. See Task.Trains for the patterns; nil chooses all. A pattern that matches no
// weight of the model is an error. One that matches none of these weights chooses none, as
// another task may train what it matches.
func (b *Builder) WeightsMatching(patterns []string, weights []*Node) []*Node {
	if b.Err() != nil {
		return nil
	}
	read := make([]*Param, len(weights))
	for i, w := range weights {
		if read[i] = b.owner[w]; read[i] == nil {
			b.Failf("weight %d of those to choose from is not a parameter of this graph", i)
			return nil
		}
	}
	if patterns == nil {
		return slices.Clone(weights)
	}
	chosen, _, err := matchingAll(patterns, b.params.Trainable(), read)
	if err != nil {
		b.Failf("%w", err)
		return nil
	}
	var out []*Node
	for i, q := range read {
		if slices.Contains(chosen, q) {
			out = append(out, weights[i])
		}
	}
	return out
}

// matchingAll returns those of the weights read that the patterns choose, out of all
// weights of the model, and the patterns without "!" that match none of those read.
func matchingAll(patterns []string, all, read []*Param) (chosen []*Param, idle []string, err error) {
	in := map[*Param]bool{}
	if len(patterns) > 0 && strings.HasPrefix(patterns[0], "!") {
		for _, q := range read {
			in[q] = true
		}
	}
	for _, pattern := range patterns {
		bare, without := strings.CutPrefix(pattern, "!")
		matched := matching(bare, all)
		if len(matched) == 0 {
			return nil, nil, fmt.Errorf("the pattern %q matches no weight: there are %v", pattern, names(all))
		}
		depends := false
		for _, q := range matched {
			if slices.Contains(read, q) {
				depends, in[q] = true, !without
			}
		}
		if !depends && !without {
			idle = append(idle, pattern)
		}
	}
	for _, q := range read {
		if in[q] {
			chosen = append(chosen, q)
		}
	}
	return chosen, idle, nil
}

// matching returns the parameters whose names match a pattern.
func matching(pattern string, of []*Param) (out []*Param) {
	for _, q := range of {
		if matches(pattern, q.name) {
			out = append(out, q)
		}
	}
	return out
}

// matches reports whether the name matches the pattern, in which "*" matches any
// characters and "?" matches one.
func matches(pattern, name string) bool {
	rest, back := "", "" // the pattern after the last "*", and where to retry it in the name
	star := false
	for pattern != "" || name != "" {
		switch {
		case strings.HasPrefix(pattern, "*"):
			pattern = pattern[1:]
			star, rest, back = true, pattern, name
			continue
		case pattern != "" && name != "" && (pattern[0] == '?' || pattern[0] == name[0]):
			pattern, name = pattern[1:], name[1:]
			continue
		case !star || back == "":
			return false
		}
		back = back[1:]
		pattern, name = rest, back
	}
	return true
}

// names lists parameters by name.
func names(of []*Param) []string {
	out := make([]string, len(of))
	for i, q := range of {
		out[i] = q.name
	}
	return out
}
