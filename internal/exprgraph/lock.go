package exprgraph

import "sync"

// building guards Gorgonia's building and compiling of graphs, which race on global
// constants of Gorgonia.
var building sync.Mutex

// WithBuildLock calls f while no other graph is being built or compiled.
func WithBuildLock(f func()) {
	building.Lock()
	defer building.Unlock()
	f()
}
