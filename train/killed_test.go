package train_test

import (
	"flag"
	"testing"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/internal/killtest"
)

var (
	kills    = flag.Int("kills", 20, "how many times TestATrainingKilledAtAnyMomentEndsWithTheSameFiles kills a training")
	killSeed = flag.Uint64("killseed", 1, "the seed of its moments")
)

func TestMain(m *testing.M) { killtest.Main(m, cpu.Config{}) }

func TestATrainingKilledAtAnyMomentEndsWithTheSameFiles(t *testing.T) {
	killtest.Test(t, killtest.Cases(), *kills, *killSeed)
}
