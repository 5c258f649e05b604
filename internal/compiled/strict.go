package compiled

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/internal/plan"
)

// strict returns an error if a node would run on the host.
func strict(p *plan.Plan) error {
	var nodes []string
	for _, n := range p.Notes {
		if n.Host != "" {
			nodes = append(nodes, fmt.Sprintf("%s (node %d): %s", n.Node.Name(), n.Node.ID(), n.Host))
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	return fmt.Errorf("strict: %d nodes would run on the host: give their ops a lowering, or do not set Strict:\n\t%s", len(nodes), strings.Join(nodes, "\n\t"))
}
