package vae

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// without returns an error if one of the named settings is set, which the model does
// not have.
func (c Config) without(model string, names ...string) error {
	set := map[string]bool{
		"Conv":       c.Conv != nil,
		"Classes":    c.Classes != 0,
		"Condition":  c.Condition != 0,
		"Likelihood": c.Likelihood != "",
		"Blocks":     len(c.Blocks) > 0,
		"Binarize":   c.Binarize,
		"Beta":       c.Beta != nil,
		"Capacity":   c.Capacity != nil,
		"FreeBits":   c.FreeBits != 0,
	}
	for _, name := range names {
		if set[name] {
			return fmt.Errorf("vae: %s is set, which %s does not have: leave it at its zero value", name, model)
		}
	}
	return nil
}

// valid reports whether a model's settings are valid. If not, the builder gets the
// error.
func valid(b *graph.Builder, m interface{ Validate() error }) bool {
	if err := m.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}
