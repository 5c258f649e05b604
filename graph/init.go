package graph

// Draw identifies the stream of random numbers that a parameter starts from.
type Draw struct {
	Seed uint64
	Name string // the parameter's full name
}

// Init fills the start of a parameter, in float64, in row-major order.
type Init func(d Draw, shape Shape, w []float64) error
