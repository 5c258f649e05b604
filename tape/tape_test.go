package tape

import (
	"testing"

	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/vm/vmtest"
)

func TestOps(t *testing.T) { optest.Run(t, Config{}) }

func TestUpdates(t *testing.T) { optest.Updates(t, Config{}) }

func TestMachines(t *testing.T) { vmtest.Run(t, Config{}) }
