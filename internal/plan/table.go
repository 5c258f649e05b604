package plan

// TableRows are rows of a table in a backend's memory, one per sample, that are the value
// of an input.
type TableRows struct {
	Table any // the backend's, a vm.Table; nil if the input has a value of its own
	Index []int
}
