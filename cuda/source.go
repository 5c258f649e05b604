package cuda

import (
	"fmt"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// Source returns the CUDA C that the machine of a finished builder compiles. It
// needs neither a GPU nor the tag gpu.
func Source(b *graph.Builder) (string, error) {
	if err := b.Err(); err != nil {
		return "", fmt.Errorf("cuda: %w", err)
	}
	from := plan.SourceOfBuilder(b)
	p, err := plan.Make(from, Config{}.backend().Target(from.Dtype))
	if err != nil {
		return "", fmt.Errorf("cuda: %w", err)
	}
	program, err := code.Make(p)
	if err != nil {
		return "", err // it names the package
	}
	return program.Source, nil
}
