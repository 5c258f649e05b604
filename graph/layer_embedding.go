package graph

// Embedding looks up vectors in a table by their row numbers: for indices of shape
// S, whole numbers from 0 to Rows-1, the result is [S, Units]. Its parameter is
// "table" [Rows, Units].
type Embedding struct {
	Rows, Units int
	Init        Init // nil is Normal(0, 1)
}

// Apply adds the layer to the graph.
func (l Embedding) Apply(b *Builder, indices *Node) *Node {
	if indices == nil || b.Err() != nil {
		return nil
	}
	if l.Rows < 1 || l.Units < 1 {
		b.Failf("embedding: %d rows of %d units: want at least 1 of each", l.Rows, l.Units)
		return nil
	}
	init := l.Init
	if init == nil {
		init = Normal(0, 1)
	}
	return b.Layer("Embedding", b.Gather(b.Param("table", init, l.Rows, l.Units), indices, 0))
}
