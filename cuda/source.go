package cuda

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// Source returns the CUDA C that the machine of a program compiles. It needs
// neither a GPU nor the tag gpu.
func Source(p *graph.Program) (string, error) {
	if p == nil {
		return "", errors.New("cuda: no program: finish a builder by its Program")
	}
	planned, err := plan.Make(plan.SourceOf(p), Config{}.backend().Target(p.Dtype()))
	if err != nil {
		return "", fmt.Errorf("cuda: %w", err)
	}
	made, err := code.Make(planned)
	if err != nil {
		return "", err // already names the package
	}
	return made.Source, nil
}
