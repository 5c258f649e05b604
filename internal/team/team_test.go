package team

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// tally counts how often each part ran, and checks that no worker runs two at once.
type tally struct {
	done []atomic.Int32
	busy []atomic.Bool
	bad  atomic.Bool
}

func newTally(parts, workers int) *tally {
	return &tally{done: make([]atomic.Int32, parts), busy: make([]atomic.Bool, workers)}
}

func (c *tally) Do(part, worker int) {
	if c.busy[worker].Swap(true) {
		c.bad.Store(true)
	}
	c.done[part].Add(1)
	c.busy[worker].Store(false)
}

func TestEveryPartRunsOnce(t *testing.T) {
	for _, size := range []int{1, 2, 3, 8} {
		team := New(size)
		for round := range 200 {
			parts := round % 23
			c := newTally(parts, size)
			team.Run(c, parts)
			for i := range c.done {
				require.EqualValues(t, 1, c.done[i].Load(), "size %d, round %d, part %d", size, round, i)
			}
			require.False(t, c.bad.Load())
			if round%50 == 0 {
				time.Sleep(2 * time.Millisecond) // long enough for the workers to sleep
			}
		}
		team.Close()
		team.Close()
	}
}

type fails struct{}

func (fails) Do(part, _ int) {
	if part == 3 {
		panic("part three")
	}
}

func TestPanicReachesTheCallerAndTheTeamGoesOn(t *testing.T) {
	team := New(3)
	defer team.Close()
	for range 5 {
		require.PanicsWithValue(t, "part three", func() { team.Run(fails{}, 10) })
		c := newTally(7, 3)
		team.Run(c, 7)
		require.EqualValues(t, 1, c.done[6].Load())
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	team := New(2)
	defer team.Close()
	c := newTally(50, 2)
	require.Zero(t, testing.AllocsPerRun(100, func() { team.Run(c, 50) }))
}

// waits is a task whose part 0 ends when all other parts have run.
type waits struct{ left atomic.Int32 }

func (c *waits) Do(part, _ int) {
	if part > 0 {
		c.left.Add(-1)
		return
	}
	for c.left.Load() > 0 {
		runtime.Gosched()
	}
}

func TestWorkersJoinATaskInProgress(t *testing.T) {
	team := New(3)
	defer team.Close()
	for range 50 {
		c := &waits{}
		c.left.Store(20)
		team.Run(c, 21) // ends only if another worker takes parts
	}
}

func TestTeamsDoNotWaitForWorkersWithoutAProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var teams []*Team
	for range 4 {
		teams = append(teams, New(4))
	}
	for round := range 200 {
		for _, team := range teams {
			c := newTally(5, 4)
			team.Run(c, 5)
			for i := range c.done {
				require.EqualValues(t, 1, c.done[i].Load(), "round %d, part %d", round, i)
			}
		}
	}
	for _, team := range teams {
		team.Close()
	}
}

// concurrency counts how many workers run a task at the same time.
type concurrency struct{ now, ever atomic.Int32 }

func (c *concurrency) Do(int, int) {
	n := c.now.Add(1)
	for ever := c.ever.Load(); n > ever && !c.ever.CompareAndSwap(ever, n); ever = c.ever.Load() {
	}
	for range 5 {
		runtime.Gosched() // lets other workers of the task run
	}
	c.now.Add(-1)
}

func TestWorkersBeyondTheProcessorsSleep(t *testing.T) {
	processors := min(runtime.GOMAXPROCS(0), runtime.NumCPU())
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8 * processors))
	team := New(8 * processors)
	defer team.Close()
	team.Run(newTally(99, team.Size()), 99)
	require.Eventually(t, func() bool { return team.awake.Load() <= team.maxAwake }, 10*time.Second, time.Millisecond, "surplus workers sleep")
	c := &concurrency{}
	for range 200 {
		team.Run(c, 20)
	}
	require.Less(t, int(c.ever.Load()), team.Size()/2, "workers at a task at the same time")
}

func TestAClosedTeamLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 100 {
		team := New(4)
		team.Run(newTally(9, 4), 9)
		team.Close()
	}
	for i := 0; runtime.NumGoroutine() > before && i < 1000; i++ {
		time.Sleep(time.Millisecond) // a goroutine that has ended may still be counted
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestCloseEndsSleepingWorkers(t *testing.T) {
	// The clock stands still, so no worker times out. The test fails if a goroutine is left.
	synctest.Test(t, func(t *testing.T) {
		team := New(3)
		c := &waits{}
		c.left.Store(20)
		team.Run(c, 21)
		synctest.Wait()
		started := 0
		for w := 1; w < team.Size(); w++ {
			if team.workers[w].Load() != ended {
				started++
			}
		}
		require.Positive(t, started)
		require.Zero(t, team.awake.Load())
		team.Close()
	})
}

func TestIdleWorkersEndAndATaskStartsThemAgain(t *testing.T) {
	// The clock advances while all goroutines sleep. The test fails if one is left.
	synctest.Test(t, func(t *testing.T) {
		team := New(3)
		idle := func() (n int) {
			for w := 1; w < team.Size(); w++ {
				if team.workers[w].Load() == ended {
					n++
				}
			}
			return n
		}
		require.Equal(t, 2, idle(), "no worker has started")
		for range 3 {
			c := &waits{}
			c.left.Store(20)
			team.Run(c, 21) // ends only if another worker takes parts
			time.Sleep(idleTimeout / 2)
			require.Less(t, idle(), 2)
			team.Run(newTally(9, 3), 9)
			time.Sleep(idleTimeout + time.Millisecond)
			synctest.Wait()
			require.Equal(t, 2, idle())
			require.Zero(t, team.awake.Load())
		}
	})
}

func BenchmarkRound(b *testing.B) {
	team := New(2)
	defer team.Close()
	c := newTally(2, 2)
	for b.Loop() {
		team.Run(c, 2)
	}
}
