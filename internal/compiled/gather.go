package compiled

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/vm"
)

var _ vm.Gatherer = (*Program)(nil)

// Gather sets an input to rows of a table, which the engine reads in each run.
func (m *Program) Gather(name string, from vm.Table, index []int) error {
	return m.setInput(name, func(in *input) error {
		if !m.m.backend.Tables {
			return errors.New("this backend has no tables: use Feed")
		}
		if err := in.gather(from, index); err != nil {
			return err
		}
		if m.m.watch == nil {
			return nil
		}
		return in.fetch() // a node that is not finite is looked for on the host
	})
}

// gather makes rows of a table the input's value.
func (in *input) gather(from vm.Table, index []int) error {
	switch {
	case from == nil:
		return errors.New("there is no table: get one from the backend's Hold")
	case in.dense == nil:
		return errors.New("it is a scalar, and has no rows: use Set")
	case len(index) != in.of.Shape[0]:
		return fmt.Errorf("want %d rows for shape %v, got %d", in.of.Shape[0], in.of.Shape, len(index))
	}
	if err := from.Has(in.dense.Dtype(), in.of.Shape[1:].Size(), index); err != nil {
		return err
	}
	in.rows.Table, in.rows.Index = from, append(in.rows.Index[:0], index...)
	return nil
}

// fetch copies the rows that are the input's value to the host. The engine still takes
// them from the table.
func (in *input) fetch() error {
	rows := in.rows
	table, ok := rows.Table.(vm.Table)
	if !ok {
		return nil
	}
	x := make([]float64, in.of.Shape.Size())
	size := in.of.Shape[1:].Size()
	for k, i := range rows.Index {
		if err := table.Read(i, x[k*size:(k+1)*size]); err != nil {
			return fmt.Errorf("input %q: row %d of its table: %w", in.of.Name, i, err)
		}
	}
	err := in.copy(x)
	in.rows = rows
	return err
}
