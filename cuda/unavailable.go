//go:build !gpu

package cuda

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

func (c Config) start(*plan.Plan, compiled.Engine) (compiled.Engine, error) {
	return nil, ErrUnavailable
}

func (c Config) hold(graph.Dtype, int, int) (vm.Table, error) { return nil, ErrUnavailable }

func devices() ([]Device, error) { return nil, ErrUnavailable }

func libraries() ([]Library, error) { return nil, ErrUnavailable }
