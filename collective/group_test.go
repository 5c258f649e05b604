package collective_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/collective"
)

// cases are what every rank of a group does; each returns what is wrong.
var cases = map[string]func(g collective.Group) error{
	"sums have the same bits everywhere": func(g collective.Group) error {
		x, y := make([]float32, 1000), make([]float64, 1000)
		for i := range x {
			x[i], y[i] = float32(i)/3+float32(g.Rank()), float64(i)/7-float64(g.Rank())
		}
		if err := errors.Join(g.Sum32(x), g.Sum64(y)); err != nil {
			return err
		}
		ranks := g.Size() * (g.Size() - 1) / 2
		for i := range x {
			wantX, wantY := float64(g.Size()*i)/3+float64(ranks), float64(g.Size()*i)/7-float64(ranks)
			if d := float64(x[i]) - wantX; d*d > 1e-6 {
				return fmt.Errorf("Sum32[%d] is %v, want %v", i, x[i], wantX)
			}
			if d := y[i] - wantY; d*d > 1e-20 {
				return fmt.Errorf("Sum64[%d] is %v, want %v", i, y[i], wantY)
			}
		}
		all, err := g.Gather(fmt.Append(nil, x, y))
		for _, other := range all {
			if !bytes.Equal(other, all[0]) {
				return errors.New("ranks have other sums")
			}
		}
		return err
	},
	"nothing to sum": func(g collective.Group) error {
		return errors.Join(g.Sum32(nil), g.Sum64([]float64{}), g.Broadcast(0, nil))
	},
	"long arrays": func(g collective.Group) error {
		x := make([]float32, 1<<20)
		for i := range x {
			x[i] = 1
		}
		if err := g.Sum32(x); err != nil {
			return err
		}
		for i, v := range x {
			if v != float32(g.Size()) {
				return fmt.Errorf("element %d is %v", i, v)
			}
		}
		return nil
	},
	"each rank is the root once": func(g collective.Group) error {
		for root := range g.Size() {
			x := []byte{byte(g.Rank()), 7}
			if err := g.Broadcast(root, x); err != nil {
				return err
			}
			if !bytes.Equal(x, []byte{byte(root), 7}) {
				return fmt.Errorf("from root %d came %v", root, x)
			}
		}
		return nil
	},
	"messages of different lengths are gathered": func(g collective.Group) error {
		all, err := g.Gather(bytes.Repeat([]byte{byte(g.Rank())}, 3*g.Rank()))
		if err != nil {
			return err
		}
		for i, x := range all {
			if !bytes.Equal(x, bytes.Repeat([]byte{byte(i)}, 3*i)) {
				return fmt.Errorf("of rank %d came %v", i, x)
			}
		}
		return nil
	},
	"messages arrive in order, from rank to rank": func(g collective.Group) error {
		sum := []byte{0, 0}
		if g.Rank() > 0 {
			for i := range byte(3) {
				if err := g.Receive(g.Rank()-1, sum); err != nil {
					return err
				}
				if sum[1] != i {
					return fmt.Errorf("message %d came as %d", sum[1], i)
				}
			}
		}
		sum[0] += byte(g.Rank())
		for i := range byte(3) {
			sum[1] = i
			if g.Rank()+1 < g.Size() {
				if err := g.Send(g.Rank()+1, sum); err != nil {
					return err
				}
			}
		}
		if want := g.Rank() * (g.Rank() + 1) / 2; int(sum[0]) != want {
			return fmt.Errorf("the sum up to rank %d is %d, want %d", g.Rank(), sum[0], want)
		}
		return nil
	},
}

// onAll runs f for each rank of a group in this process.
func onAll(groups []collective.Group, f func(collective.Group) error) []error {
	errs := make([]error, len(groups))
	var all sync.WaitGroup
	for i, g := range groups {
		all.Go(func() { errs[i] = f(g) })
	}
	all.Wait()
	return errs
}

func TestRanksInOneProcess(t *testing.T) {
	for _, size := range []int{1, 2, 4} {
		for name, f := range cases {
			t.Run(fmt.Sprint(size, " ranks: ", name), func(t *testing.T) {
				groups := collective.Local(size)
				require.NoError(t, errors.Join(onAll(groups, f)...))
				for i, g := range groups {
					require.Equal(t, i, g.Rank())
					require.Equal(t, size, g.Size())
					require.NoError(t, g.Close())
				}
			})
		}
	}
}

func TestAFailureReachesTheRanksThatWait(t *testing.T) {
	for name, wait := range map[string]func(collective.Group) error{
		"for a sum":     func(g collective.Group) error { return g.Sum32(make([]float32, 3)) },
		"for a message": func(g collective.Group) error { return g.Receive((g.Rank()+1)%g.Size(), make([]byte, 1)) },
		"for a gather":  func(g collective.Group) error { _, err := g.Gather(nil); return err },
	} {
		t.Run(name, func(t *testing.T) {
			errs := onAll(collective.Local(3), func(g collective.Group) error {
				if g.Rank() == 1 {
					time.Sleep(time.Millisecond)
					g.Fail(errors.New("the disk is full"))
				}
				return wait(g)
			})
			for _, err := range errs {
				var f *collective.Failure
				require.ErrorAs(t, err, &f)
				require.Equal(t, collective.Failure{Rank: 1, Reason: "the disk is full"}, *f)
				require.EqualError(t, err, "rank 1: the disk is full")
			}
		})
	}
}

func TestDifferentOperationsAreAnError(t *testing.T) {
	errs := onAll(collective.Local(2), func(g collective.Group) error {
		if g.Rank() == 0 {
			return g.Sum32(make([]float32, 3))
		}
		return g.Sum64(make([]float64, 3))
	})
	require.ErrorContains(t, errs[0], "rank 0 gives 3 of []float32, rank 1 calls another operation: []float64")
	require.ErrorContains(t, errs[1], "rank 1 gives 3 of []float64, rank 0 calls another operation: []float32")
	errs = onAll(collective.Local(2), func(g collective.Group) error { return g.Broadcast(0, make([]byte, 1+g.Rank())) })
	require.Error(t, errs[0])
	require.Error(t, errs[1])
}

func TestAProcessOfItsOwnIsTheOnlyRank(t *testing.T) {
	if collective.Launched() {
		t.Skip("started by mpirun")
	}
	g, err := collective.Join(collective.Options{})
	require.NoError(t, err)
	require.Equal(t, 0, g.Rank())
	require.Equal(t, 1, g.Size())
	for name, f := range cases {
		require.NoError(t, f(g), name)
	}
	require.NoError(t, g.Close())
}
