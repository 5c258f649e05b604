package compiled

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// ClockWords returns the words of a program's clock for an epoch and the position of
// a sample in the epoch's order, both from 0 to 2^32-1.
func ClockWords(epoch, sample int) (words [4]float64, err error) {
	if uint64(epoch) > math.MaxUint32 || uint64(sample) > math.MaxUint32 {
		return words, fmt.Errorf("clock at epoch %d, sample %d: want both from 0 to 2^32-1", epoch, sample)
	}
	return lower.ClockWords(uint32(epoch), uint32(sample)), nil
}
