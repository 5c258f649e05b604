//go:build !mpi

package collective

func join(Options) (Group, error) {
	if Launched() {
		return nil, ErrNoMPI // several processes would all do the same
	}
	return Local(1)[0], nil
}
