// Package team runs the parts of a task on several processors with little overhead.
// Between tasks the workers spin for a moment, so the next task starts at once. Then
// they sleep, so an idle team costs nothing. After a long sleep a worker ends, so a
// team that is never closed leaves no goroutines. The next task starts it again.
package team

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Task is work in parts that may run at the same time, in any order.
type Task interface {
	// Do runs one part on a worker, numbered from 0 to Size()-1. A worker runs one
	// part at a time, so scratch memory may belong to its number.
	Do(part, worker int)
}

// spinLimit is how often a worker looks for work before it sleeps: about 100
// microseconds, which is longer than a training loop needs between two steps. Waking a
// worker takes half as long.
const spinLimit = 100000

// idleTimeout is how long a worker sleeps before it ends.
const idleTimeout = time.Second

// Team is a pool of workers, one of which is the caller of Run. Only one goroutine may
// use it at a time. Close it after use.
//
// A worker that gets no processor, because others use all of them, does not delay a
// task: Run waits only for workers that have joined it. If a team has more workers than
// there are processors, only as many are awake. Otherwise the system would suspend a
// worker in the middle of a part, and all would wait for it.
type Team struct {
	size     int
	maxAwake int64        // the most workers that may be awake, without the caller
	awake    atomic.Int64 // workers that are awake, without the caller
	first    int          // the worker to wake first, a different one for each task
	task     Task
	parts    int64
	next     atomic.Int64  // the next part to run
	state    atomic.Uint64 // the number of the task, whether it can be joined, and how many have joined
	closed   atomic.Bool
	workers  []atomic.Uint32 // the state of each
	wakeups  []chan struct{}
	alive    sync.WaitGroup
	failure  atomic.Value // what a part panicked with
}

// The parts of the state.
const (
	open   = 1 << 31         // the task can be joined
	joined = open - 1        // how many workers have joined, without the caller
	round  = uint64(1) << 32 // the unit of the task's number
)

// The states of a worker.
const (
	ended   = iota // has no goroutine
	working        // runs a part or spins
	asleep         // waits for wake or the timeout
)

// New returns a team of size workers, or one per processor if size is not positive. The
// workers start with the first task.
func New(size int) *Team {
	if size <= 0 {
		size = runtime.GOMAXPROCS(0)
	}
	t := &Team{size: size, workers: make([]atomic.Uint32, size), wakeups: make([]chan struct{}, size)}
	t.maxAwake = int64(max(1, min(runtime.GOMAXPROCS(0), runtime.NumCPU())-1))
	for w := 1; w < size; w++ {
		t.wakeups[w] = make(chan struct{}, 1)
	}
	return t
}

// Size returns the number of workers.
func (t *Team) Size() int { return t.size }

// Run runs parts 0 to parts-1 of the task and returns when all are done. If a part
// panics, Run panics with the same value.
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
	for i := 0; i < t.size-1 && t.awake.Load() < t.maxAwake; i++ {
		w := 1 + (t.first+i)%(t.size-1)
		t.wake(w)
		t.start(w)
	}
	t.take(0)
	t.state.And(^uint64(open))
	for i := 0; t.state.Load()&joined > 0; i++ {
		if i > spinLimit {
			runtime.Gosched()
		}
	}
	t.task = nil
	if f := t.failure.Swap(failure{}); f != nil && f.(failure).value != nil {
		panic(f.(failure).value)
	}
}

// failure wraps the value of a panic: an atomic.Value stores values of one type only.
type failure struct{ value any }

// take runs parts until none is left.
func (t *Team) take(worker int) {
	defer func() {
		if r := recover(); r != nil {
			t.failure.Store(failure{r})
			t.next.Store(t.parts) // the others can stop
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

// work is the goroutine of a worker.
func (t *Team) work(w int) {
	seen, sleep := uint64(0), time.NewTimer(idleTimeout)
	for t.await(w, seen, sleep) {
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

// await returns true when there is a task newer than number seen. It returns false when
// the worker has to end, because the team is closed or the worker slept for
// idleTimeout.
func (t *Team) await(w int, seen uint64, sleep *time.Timer) bool {
	for {
		for i := 0; i == 0 || i < spinLimit && t.awake.Load() <= t.maxAwake; i++ {
			if t.closed.Load() {
				return false
			}
			if t.state.Load()/round != seen {
				return true
			}
		}
		t.awake.Add(-1)
		t.workers[w].Store(asleep)
		if t.state.Load()/round != seen && t.awake.Load() < t.maxAwake || t.closed.Load() {
			t.wake(w) // does nothing if Run has just woken it; in both cases the channel has a token
		}
		sleep.Reset(idleTimeout)
		select {
		case <-t.wakeups[w]:
		case <-sleep.C:
			if t.workers[w].CompareAndSwap(asleep, ended) {
				return false
			}
			<-t.wakeups[w] // wake came at the same moment
		}
	}
}

// wake wakes a worker if it is asleep.
func (t *Team) wake(w int) {
	if t.workers[w].CompareAndSwap(asleep, working) {
		t.awake.Add(1)
		t.wakeups[w] <- struct{}{}
	}
}

// start starts the goroutine of a worker if it has ended.
func (t *Team) start(w int) {
	if t.workers[w].CompareAndSwap(ended, working) {
		t.awake.Add(1)
		t.alive.Go(func() { t.work(w) })
	}
}

// Close ends the workers and waits for them.
func (t *Team) Close() {
	if t.closed.Swap(true) {
		return
	}
	for w := 1; w < t.size; w++ {
		t.wake(w)
	}
	t.alive.Wait()
}
