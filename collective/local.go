package collective

import (
	"fmt"
	"slices"
	"sync"
)

// Local returns the ranks of a group within this process, each for a goroutine of its
// own: from 1 to 1024 of them, and none for another size.
func Local(size int) []Group {
	if size < 1 || size > maxLocal {
		return nil
	}
	h := &hub{size: size, given: make([]any, size), failed: make(chan struct{})}
	h.complete.L = &h.mu
	for range size * size {
		h.letters = append(h.letters, make(chan []byte, lettersInFlight))
	}
	groups := make([]Group, size)
	for i := range groups {
		groups[i] = &local{h, i}
	}
	return groups
}

// maxLocal is the most ranks in one process: their letters take memory by its square.
const maxLocal = 1024

// lettersInFlight is how many messages from one rank to another may wait to be received.
const lettersInFlight = 64

// hub is where the ranks of a process meet.
type hub struct {
	size    int
	letters []chan []byte // from*size + to

	mu       sync.Mutex
	complete sync.Cond
	given    []any // by rank, in the current round
	arrived  int
	last     []any // of the round before
	round    int
	failure  *Failure
	failed   chan struct{} // closed with the failure
}

// meet exchanges one value of each rank. It returns those of all, by rank.
func (h *hub) meet(rank int, v any) ([]any, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failure != nil {
		return nil, h.failure
	}
	round := h.round
	h.given[rank] = v
	if h.arrived++; h.arrived == h.size {
		h.last, h.given, h.arrived = h.given, make([]any, h.size), 0
		h.round++
		h.complete.Broadcast()
	}
	for h.round == round {
		if h.failure != nil {
			return nil, h.failure
		}
		h.complete.Wait()
	}
	return h.last, nil
}

func (h *hub) fail(f *Failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failure == nil {
		h.failure = f
		close(h.failed)
		h.complete.Broadcast()
	}
}

// local is a rank in the memory of the process.
type local struct {
	hub  *hub
	rank int
}

func (l *local) Rank() int { return l.rank }

func (l *local) Size() int { return l.hub.size }

func (l *local) Sum32(x []float32) error { return sum(l, x) }

func (l *local) Sum64(x []float64) error { return sum(l, x) }

// sum adds the arrays in the order of the ranks.
func sum[T float32 | float64](l *local, x []T) error {
	all, err := exchange(l, slices.Clone(x))
	if err != nil {
		return err
	}
	copy(x, all[0])
	for _, other := range all[1:] {
		for i, v := range other {
			x[i] += v
		}
	}
	return nil
}

// exchange returns the arrays of all ranks, which must have the same length.
func exchange[T any](l *local, x []T) ([][]T, error) {
	all, err := l.hub.meet(l.rank, x)
	if err != nil {
		return nil, err
	}
	out := make([][]T, len(all))
	for i, v := range all {
		y, ok := v.([]T)
		if !ok || len(y) != len(x) {
			return nil, fmt.Errorf("rank %d gives %d of %T, rank %d calls another operation: %T", l.rank, len(x), x, i, v)
		}
		out[i] = y
	}
	return out, nil
}

func (l *local) Broadcast(root int, x []byte) error {
	if err := checkRank("the root of a broadcast", root, -1, l); err != nil {
		return err
	}
	all, err := exchange(l, slices.Clone(x))
	if err == nil {
		copy(x, all[root])
	}
	return err
}

func (l *local) Gather(x []byte) ([][]byte, error) {
	all, err := l.hub.meet(l.rank, message(slices.Clone(x)))
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(all))
	for i, v := range all {
		m, ok := v.(message)
		if !ok {
			return nil, fmt.Errorf("rank %d gathers, rank %d calls another operation: %T", l.rank, i, v)
		}
		out[i] = m
	}
	return out, nil
}

// message is what a rank gives to Gather, of any length.
type message []byte

func (l *local) Send(to int, x []byte) error {
	if err := checkRank("the receiver of a message", to, l.rank, l); err != nil {
		return err
	}
	select {
	case l.hub.letters[l.rank*l.hub.size+to] <- slices.Clone(x):
		return nil
	case <-l.hub.failed:
		return l.hub.failure
	}
}

func (l *local) Receive(from int, x []byte) error {
	if err := checkRank("the sender of a message", from, l.rank, l); err != nil {
		return err
	}
	select {
	case letter := <-l.hub.letters[from*l.hub.size+l.rank]:
		if len(letter) != len(x) {
			return fmt.Errorf("rank %d waits for %d bytes of rank %d, which sent %d", l.rank, len(x), from, len(letter))
		}
		copy(x, letter)
		return nil
	case <-l.hub.failed:
		return l.hub.failure
	}
}

func (l *local) Fail(reason error) { l.hub.fail(&Failure{l.rank, wordsOf(reason)}) }

func (l *local) Close() error { return nil }
