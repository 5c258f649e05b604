package collective

import (
	"errors"
	"os"
	"time"
)

// Options are the settings of Join. The zero value is good.
type Options struct {
	// Silence is how long a rank may be silent before it counts as lost; 0 means 30 s. A
	// rank is heard of while its process runs, however long its steps take.
	Silence time.Duration
}

// ErrNoMPI is the error of a program that was built without MPI.
var ErrNoMPI = errors.New("this program is built without MPI: install Open MPI (Debian's openmpi-bin and libopenmpi-dev) and build with\n\t" +
	`eval "$(scripts/mpi-env)" && go build -tags mpi`)

// launcherSize is the variable in which mpirun says how many ranks it starts.
const launcherSize = "OMPI_COMM_WORLD_SIZE"

// Launched reports whether mpirun started this process as one of several.
func Launched() bool {
	n := os.Getenv(launcherSize)
	return n != "" && n != "1"
}

// Join returns the group of the processes that mpirun started. A process that was started
// by itself is the only rank of its group. Join once.
func Join(o Options) (Group, error) { return join(o) }
