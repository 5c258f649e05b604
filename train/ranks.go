package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// ranks are the processes that train together: see Options.Group.
type ranks struct {
	collective.Group
	until   func() time.Time // when the time is up on this rank; zero for never
	outside context.Context  // the caller's, of this rank
	cancel  context.CancelCauseFunc
	timeUp  bool // agreed by all
}

// checkGroup returns an error for settings of a group that cannot be.
func (o Options) checkGroup() error {
	switch {
	case o.Exact < 0 || o.Exact > o.Batch && o.Batch > 0:
		return fmt.Errorf("Options.Exact is %d: want from 0 to the samples of a batch", o.Exact)
	case o.Group == nil && o.Exact > 0:
		return errors.New("Options.Exact needs Options.Group: for one process, collective.Local(1)[0]")
	case o.Group == nil:
		return nil
	case o.Exact > 0 && o.Exact < o.Group.Size():
		return fmt.Errorf("Options.Exact cuts batches into %d pieces, for %d ranks: want at least one for each", o.Exact, o.Group.Size())
	case o.MicroBatch > 0:
		return errors.New("Options.MicroBatch and Options.Group are both set: with Exact, a rank runs its pieces one after the other")
	}
	return nil
}

// Reporter is a callback that writes what it sees and changes nothing. If several
// processes train together, only rank 0 calls it.
type Reporter interface {
	Callback
	// Reports does nothing.
	Reports()
}

// join makes the training one of a group. It returns the context of the training, which
// ends at the same step on all ranks.
func (f *fitting) join(ctx context.Context) (context.Context, error) {
	if f.o.Group == nil {
		return ctx, nil
	}
	if err := f.sameOnAllRanks(); err != nil {
		return ctx, err
	}
	agreed, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f.o.ranks.until = func() time.Time { return f.plan.until }
	f.o.ranks.outside, f.o.ranks.cancel = ctx, cancel
	return agreed, nil
}

// wishes are what a rank wants to end training for, as numbers to add up: the signal, and
// the time.
func (r *ranks) wishes() (interrupted, late float64) {
	if r.outside == nil {
		return 0, 0 // a step by itself
	}
	if r.outside.Err() != nil {
		interrupted = 1
	}
	if t := r.until(); !t.IsZero() && !time.Now().Before(t) {
		late = 1
	}
	return interrupted, late
}

// agree ends training after the step that all ranks are in, if one of them wants to.
func (r *ranks) agree(interrupted, late float64) {
	if interrupted > 0 && r.cancel != nil {
		cause := context.Canceled
		if r.outside.Err() != nil {
			cause = context.Cause(r.outside)
		}
		r.cancel(cause)
	}
	r.timeUp = r.timeUp || late > 0
}

// sameOnAllRanks returns an error that names the rank and the setting in which the ranks
// differ.
func (f *fitting) sameOnAllRanks() error {
	mine, err := f.described()
	if err != nil {
		return err
	}
	text, err := json.Marshal(mine)
	if err != nil {
		return err
	}
	all, err := f.o.ranks.Gather(text)
	if err != nil {
		return err
	}
	var first []setting
	for rank, text := range all {
		var s []setting
		if err := json.Unmarshal(text, &s); err != nil {
			return fmt.Errorf("rank %d describes its training as %.100q: %w", rank, text, err)
		}
		if rank == 0 {
			first = s
			continue
		}
		var out []string
		for i, v := range s {
			if i >= len(first) || first[i] != v {
				out = append(out, fmt.Sprintf("%s: %s", v.Name, v.Value))
				if i < len(first) {
					out[len(out)-1] += fmt.Sprintf(", on rank 0 %s", first[i].Value)
				}
			}
		}
		if len(out) > 0 {
			return fmt.Errorf("rank %d trains otherwise than rank 0:\n\t%s\nstart all ranks from the same program, with the same data and settings", rank, strings.Join(out, "\n\t"))
		}
	}
	return nil
}

// described is what all ranks must share: the model, the settings, the versions and the
// instruction set, the data, and the weights as they are now.
func (f *fitting) described() ([]setting, error) {
	c, err := f.o.weights(f.model)
	if err != nil {
		return nil, err
	}
	out := append(identity(c), f.settings()...)
	out = append(out, f.made()...)
	sum, err := f.checksum()
	if err != nil {
		return nil, err
	}
	return append(out,
		setting{"architecture", runtime.GOARCH},
		setting{"steps", strconv.Itoa(f.plan.steps)},
		setting{"epochs", strconv.Itoa(f.plan.epochs)},
		setting{"step to begin with", strconv.Itoa(f.started)},
		setting{"some samples", f.someSamples},
		setting{"weights", sum},
	), nil
}

// checksum is a hash of all parameters that change with the steps.
func (f *fitting) checksum() (string, error) {
	if err := f.o.Params.Sync(); err != nil {
		return "", err
	}
	h := fnv.New64a()
	for _, q := range stepParams(f.o.Params) {
		fmt.Fprintf(h, "%s %v", q.Name(), q.Shape())
		if v := q.Value(); v.Dtype() == graph.Float64 {
			_, _ = h.Write(collective.Bytes(v.Float64s()))
		} else {
			_, _ = h.Write(collective.Bytes(v.Float32s()))
		}
	}
	return strconv.FormatUint(h.Sum64(), 16), nil
}

// sameWeights returns an error if the weights of a rank have left those of rank 0.
func (f *fitting) sameWeights() error {
	if f.o.ranks == nil {
		return nil
	}
	sum, err := f.checksum()
	if err != nil {
		return err
	}
	all, err := f.o.ranks.Gather([]byte(sum))
	if err != nil {
		return err
	}
	for rank, other := range all {
		if string(other) != string(all[0]) {
			return fmt.Errorf("after epoch %d the weights of rank %d are no longer those of rank 0: a callback changes them on one rank alone, or a host computes otherwise", len(f.history), rank)
		}
	}
	return nil
}

// hashOf describes a few samples of a set, so that ranks with other data are found.
func hashOf(set data.Set) (string, error) {
	h := fnv.New64a()
	for _, i := range []int{0, set.Len() / 3, set.Len() / 2, set.Len() - 1} {
		var sample [][]float32
		for _, f := range set.Fields() {
			sample = append(sample, make([]float32, f.Size()))
		}
		if err := set.Read(i, sample); err != nil {
			return "", err
		}
		for _, x := range sample {
			_, _ = h.Write(collective.Bytes(x))
		}
	}
	return strconv.FormatUint(h.Sum64(), 16), nil
}

// reporters leaves callbacks out that only rank 0 calls.
func (r *ranks) reporters(all []Callback) (out []Callback) {
	for _, k := range all {
		if _, reports := k.(Reporter); !reports || r.writes() {
			out = append(out, k)
		}
	}
	return out
}

// writes reports whether this process writes what the training leaves behind.
func (r *ranks) writes() bool { return r == nil || r.Rank() == 0 }

// share returns the checkpoint of rank 0 on all ranks.
func (r *ranks) share(c checkpoint.Checkpoint) (checkpoint.Checkpoint, error) {
	if r == nil {
		return c, nil
	}
	var content []byte
	if c.Path != "" {
		var err error
		if content, err = os.ReadFile(c.Path); err != nil {
			return c, err
		}
	}
	all, err := r.Gather(content)
	if err != nil || r.Rank() == 0 || len(all[0]) == 0 {
		return c, err
	}
	dir, err := os.MkdirTemp("", "stheno")
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "of-rank-0"+extension)
	if err := os.WriteFile(path, all[0], 0o600); err != nil {
		return c, err
	}
	return checkpoint.Load(path)
}

// failed tells the other ranks of an error, unless all have it.
func (r *ranks) failed(ctx context.Context, err error) {
	var known *collective.Failure
	if r != nil && err != nil && ctx.Err() == nil && !errors.As(err, &known) {
		r.Fail(err)
	}
}
