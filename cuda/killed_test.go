//go:build gpu

package cuda_test

import (
	"flag"
	"testing"

	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/internal/killtest"
)

var kills = flag.Int("kills", 5, "how many times TestATrainingKilledAtAnyMomentEndsWithTheSameFiles kills a training")

func TestMain(m *testing.M) { killtest.Main(m, cuda.Config{}) }

func TestATrainingKilledAtAnyMomentEndsWithTheSameFiles(t *testing.T) {
	killtest.Test(t, killtest.Cases(), *kills, 1)
}
