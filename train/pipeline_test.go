package train

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// belt is a Starter that notes what it is asked.
type belt struct {
	most, next, under int
	log               []string
	fail              error // of the third Start
}

func (b *belt) Names() []string { return []string{Loss} }
func (b *belt) Most() int       { return b.most }

func (b *belt) Start([]float32, int, int) error {
	if b.under++; b.next+b.under == 3 && b.fail != nil {
		b.under--
		return b.fail
	}
	b.log = append(b.log, "start")
	return nil
}

func (b *belt) Finish() ([]float64, error) {
	b.under--
	b.next++
	b.log = append(b.log, "finish")
	return []float64{float64(b.next)}, nil
}

func (b *belt) Run(x []float32, epoch, first int) ([]float64, error) {
	if err := b.Start(x, epoch, first); err != nil {
		return nil, err
	}
	return b.Finish()
}

// drive runs three steps through a pipeline and returns the losses in order.
func drive(b *belt) (losses []float64, err error) {
	var line pipeline
	done := func(_ Runner, n int, values []float64, err error) error {
		if err == nil {
			losses = append(losses, values[0]*float64(n))
		}
		return err
	}
	for n := range 3 {
		if err := line.run(b, n+1, nil, 0, 0, done); err != nil {
			return losses, err
		}
	}
	return losses, line.finish(done)
}

func TestAStepIsUnderWayWhileTheOneBeforeIsRead(t *testing.T) {
	b := &belt{most: 2}
	losses, err := drive(b)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 4, 9}, losses)
	require.Equal(t, []string{"start", "start", "finish", "start", "finish", "finish"}, b.log)
}

func TestAMachineThatIsDoneWhenItReturnsHasOneStepAtATime(t *testing.T) {
	b := &belt{most: 1}
	losses, err := drive(b)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 4, 9}, losses)
	require.Equal(t, []string{"start", "finish", "start", "finish", "start", "finish"}, b.log)
}

func TestTheStepBeforeAFailureIsNotLost(t *testing.T) {
	b := &belt{most: 2, fail: errors.New("lost")}
	losses, err := drive(b)
	require.ErrorIs(t, err, b.fail)
	require.Equal(t, []float64{1, 4}, losses)
}
