package tape

import (
	"testing"

	"github.com/stheno-ml/stheno/graph/optest"
)

func TestOps(t *testing.T) { optest.Run(t, Compile) }

func TestUpdates(t *testing.T) { optest.Updates(t, Compile) }
