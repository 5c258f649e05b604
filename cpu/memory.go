package cpu

// Memory returns the bytes of the arena, in which a step keeps its intermediate
// values, and the most of them that are alive at one time: no arena can be
// smaller. Both are 0 for a machine that is closed or was not made.
func (m *Machine) Memory() (arena, least int64) {
	if m.plan == nil {
		return 0, 0
	}
	width := int64(m.plan.Dtype.Size())
	return int64(m.plan.Arena) * width, int64(m.plan.Least) * width
}
