//go:build !mpi

package collective_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/collective"
)

func TestWithoutMPIAProgramOfMpirunSaysHowToBuildIt(t *testing.T) {
	t.Setenv("OMPI_COMM_WORLD_SIZE", "2")
	_, err := collective.Join(collective.Options{})
	require.ErrorIs(t, err, collective.ErrNoMPI)
	require.ErrorContains(t, err, "go build -tags mpi")
}
