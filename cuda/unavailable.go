//go:build !gpu

package cuda

import (
	"errors"

	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/plan"
)

// ErrUnavailable is the error of every machine in a build without the tag gpu.
var ErrUnavailable = errors.New(`this program was built without GPU support: build it with the tag gpu, by
	eval "$(scripts/cuda-env)" && go build -tags gpu
(cuda/README.md says what that needs), or use package cpu`)

func (c Config) start(*plan.Plan, compiled.Engine) (compiled.Engine, error) {
	return nil, ErrUnavailable
}

func devices() ([]Device, error) { return nil, ErrUnavailable }

func libraries() ([]Library, error) { return nil, ErrUnavailable }
