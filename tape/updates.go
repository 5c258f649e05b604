package tape

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// applyUpdates applies the updates of a program after a run of its graph. It reads
// all next values before it writes any.
func applyUpdates[T lower.Float](updates []graph.Update) error {
	next := make([][]T, len(updates))
	for i, u := range updates {
		x, err := value.Elements[T](u.Next.Value())
		if err != nil {
			return fmt.Errorf("update of %q: %w", u.Param.Name(), err)
		}
		if u.Next.Op() == nil { // this is the memory of an input or a parameter, which another update may write
			x = append([]T(nil), x...)
		}
		next[i] = x
	}
	for i, u := range updates {
		array := u.Param.Storage(storage.Access{})
		to, err := value.Elements[T](array.Host())
		if err != nil {
			return fmt.Errorf("update of %q: %w", u.Param.Name(), err)
		}
		copy(to, next[i])
		array.MarkHostChanged()
	}
	return nil
}
