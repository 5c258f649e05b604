package graph

// Net is what a model builds into a graph: where data goes in, what comes out,
// and what training minimises.
type Net struct {
	// Input takes the batch, x [N, ...].
	Input *Node
	// Recon is the reconstruction in the data's own range, with the shape of Input.
	Recon *Node
	// Code is the latent code, [N, ...].
	Code *Node
	// Tasks are the losses, one for most models.
	Tasks []Task
}

// Task is a loss and what it trains.
type Task struct {
	Name string
	// Loss is the scalar to minimise, a mean over the batch.
	Loss *Node
	// Metrics are further scalars to report, means over the batch.
	Metrics []Metric
	// Trains are the weights the task changes; nil means all of them.
	Trains []*Param
}

// Metric is a named scalar.
type Metric struct {
	Name string
	Node *Node
}
