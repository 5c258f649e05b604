// Package team runs the parts of a task on several processors with as little
// ado as possible: workers spin for a moment between tasks, so that the next
// one starts at once, and then sleep, so that an idle team costs nothing.
package team

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Task is work in parts that may run at the same time, in any order.
type Task interface {
	// Do runs one part on the worker of that number, from 0 to Size()-1, which
	// may keep scratch memory by it.
	Do(part, worker int)
}

// spins is how often a worker looks for work before it sleeps: some 100
// microseconds, which outlast what a training loop does between two steps. To
// wake a worker takes half as long.
const spins = 100000

// Team is a group of workers, of which the caller of Run is one. It is for one
// goroutine at a time. Close it.
//
// A worker that no processor is free for, because another team or another
// program has them, does not hold up a task: only those who have joined in are
// waited for. Of a team of more workers than there are processors, so many are
// awake at one time as there are processors: were there more, the system would
// put one aside in the midst of a part, and all would wait for it.
type Team struct {
	size    int
	most    int64        // workers that may be awake besides the caller
	awake   atomic.Int64 // workers that are
	first   int          // the worker to be woken first, another in each task
	task    Task
	parts   int64
	next    atomic.Int64  // the next part to be taken
	state   atomic.Uint64 // the number of the task, whether it can be joined, how many have
	closed  atomic.Bool
	asleep  []atomic.Bool
	wake    []chan struct{}
	ended   sync.WaitGroup
	failure atomic.Value // what a part panicked with
}

// The parts of the state.
const (
	open   = 1 << 31         // the task can be joined
	joined = open - 1        // how many are at it, besides the caller
	round  = uint64(1) << 32 // one more task
)

// New returns a team of that size; 0 is as many as there are processors.
func New(size int) *Team {
	if size <= 0 {
		size = runtime.GOMAXPROCS(0)
	}
	t := &Team{size: size, asleep: make([]atomic.Bool, size), wake: make([]chan struct{}, size)}
	t.most = int64(max(1, min(runtime.GOMAXPROCS(0), runtime.NumCPU())-1))
	t.awake.Store(int64(size - 1))
	for w := 1; w < size; w++ {
		t.wake[w] = make(chan struct{}, 1)
		t.ended.Go(func() { t.work(w) })
	}
	return t
}

// Size returns the number of workers.
func (t *Team) Size() int { return t.size }

// Run runs parts 0 to parts-1 of the task and returns when all are done. A
// part that panics makes Run panic with the same value.
func (t *Team) Run(task Task, parts int) {
	if parts <= 1 || t.size == 1 {
		for i := range parts {
			task.Do(i, 0)
		}
		return
	}
	t.task, t.parts = task, int64(parts)
	t.next.Store(0)
	t.state.Store(t.state.Load()&^(open|joined) + round | open)
	t.first++
	for i := 0; i < t.size-1 && t.awake.Load() < t.most; i++ {
		t.rouse(1 + (t.first+i)%(t.size-1))
	}
	t.take(0)
	t.state.And(^uint64(open))
	for i := 0; t.state.Load()&joined > 0; i++ {
		if i > spins {
			runtime.Gosched()
		}
	}
	t.task = nil
	if f := t.failure.Swap(failure{}); f != nil && f.(failure).value != nil {
		panic(f.(failure).value)
	}
}

// failure wraps what a part panicked with, so that all stored values have one type.
type failure struct{ value any }

// take runs parts until there are none left.
func (t *Team) take(worker int) {
	defer func() {
		if r := recover(); r != nil {
			t.failure.Store(failure{r})
			t.next.Store(t.parts) // the others need not go on
		}
	}()
	for {
		i := t.next.Add(1) - 1
		if i >= t.parts {
			return
		}
		t.task.Do(int(i), worker)
	}
}

// work is the life of a worker.
func (t *Team) work(w int) {
	seen := uint64(0)
	for t.await(w, seen) {
		state := t.state.Load()
		for state&open != 0 && state/round != seen {
			if t.state.CompareAndSwap(state, state+1) {
				t.take(w)
				t.state.Add(^uint64(0))
				break
			}
			state = t.state.Load()
		}
		seen = state / round
	}
}

// await returns true when there is a task after the seen-th, and false when
// the team is closed.
func (t *Team) await(w int, seen uint64) bool {
	for {
		for i := 0; i == 0 || i < spins && t.awake.Load() <= t.most; i++ {
			if t.closed.Load() {
				return false
			}
			if t.state.Load()/round != seen {
				return true
			}
		}
		t.awake.Add(-1)
		t.asleep[w].Store(true)
		if t.state.Load()/round != seen && t.awake.Load() < t.most || t.closed.Load() {
			t.rouse(w) // or the waker was faster: the token is there in any case
		}
		<-t.wake[w]
	}
}

// rouse wakes a worker that sleeps.
func (t *Team) rouse(w int) {
	if t.asleep[w].CompareAndSwap(true, false) {
		t.awake.Add(1)
		t.wake[w] <- struct{}{}
	}
}

// Close ends the workers and waits for them.
func (t *Team) Close() {
	if t.closed.Swap(true) {
		return
	}
	for w := 1; w < t.size; w++ {
		t.rouse(w)
	}
	t.ended.Wait()
}
