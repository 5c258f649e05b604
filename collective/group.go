// Package collective joins the processes that train one model together. Each is a rank of
// a Group; what they exchange goes through Open MPI, which starts them, or through the
// memory of one process.
package collective

import "fmt"

// Group is this process among those that work together. All of them call the same
// operations in the same order, with arrays of the same lengths, each from one goroutine
// at a time. An operation returns when this process has its result.
//
// If a rank calls Fail, or is not heard of for some time, every operation of the others
// returns a *Failure that names it, those that wait among them.
type Group interface {
	// Rank is the number of this process, from 0 to Size-1.
	Rank() int
	// Size is the number of processes, at least 1.
	Size() int

	// Sum32 replaces x by the sum over all ranks, element by element. All get the same
	// bits; they depend on the number of ranks.
	Sum32(x []float32) error
	// Sum64 is Sum32 for float64.
	Sum64(x []float64) error
	// Broadcast replaces x by the root's.
	Broadcast(root int, x []byte) error
	// Gather returns what all ranks give, by rank. The lengths may differ.
	Gather(x []byte) ([][]byte, error)
	// Send sends x to another rank, which receives as many bytes. It may return before
	// they are received. Messages arrive in the order in which they were sent.
	Send(to int, x []byte) error
	// Receive waits for a message of another rank that has the length of x.
	Receive(from int, x []byte) error

	// Fail tells all other ranks why this one cannot go on.
	Fail(reason error)
	// Close ends this rank's part. After a failure it does not wait for the others.
	Close() error
}

// checkRank returns an error if a rank is not one of the group's, or is the excluded one.
func checkRank(what string, rank, excluded int, g Group) error {
	if rank < 0 || rank >= g.Size() || rank == excluded {
		return fmt.Errorf("collective: %s is rank %d, for rank %d of %d", what, rank, g.Rank(), g.Size())
	}
	return nil
}

// wordsOf is what a rank says of its failure.
func wordsOf(reason error) string {
	if reason == nil {
		return "it gave up without a reason"
	}
	return reason.Error()
}

// Failure is the error of all ranks if one of them cannot go on.
type Failure struct {
	Rank   int    // the one that failed
	Reason string // what it said, or how it was missed
}

// Error names the rank.
func (f *Failure) Error() string { return fmt.Sprintf("rank %d: %s", f.Rank, f.Reason) }
