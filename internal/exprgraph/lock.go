package exprgraph

import "sync"

// building is held while Gorgonia builds or compiles a graph: it races on constants
// that are global to it.
var building sync.Mutex

// Exclusive calls f while no other graph is being built or compiled.
func Exclusive(f func()) {
	building.Lock()
	defer building.Unlock()
	f()
}
