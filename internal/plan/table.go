package plan

import "github.com/stheno-ml/stheno/vm"

// TableRows are rows of a table, one per sample, that are the value of an input.
type TableRows struct {
	Table vm.Table // nil if the input has a value of its own
	Index []int
}
