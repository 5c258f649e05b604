package train

import "github.com/stheno-ml/stheno/vm"

// help calls work on the workers of the latest step's machine, or on the caller alone if
// they are not free. So a batch that nobody could prepare while the step kept all
// processors busy is prepared on all of them.
func (p *pipeline) help(work func()) {
	if p.helper == nil || p.inFlight.step != nil || p.helper.Help(work) != nil {
		work()
	}
}

// helperOf is the first of a step's machines that can help, or nil.
func helperOf(s *Step) vm.Helper {
	for _, m := range s.machines {
		if h, ok := m.(vm.Helper); ok {
			return h
		}
	}
	return nil
}
