package graph

// The usual names of a net's inputs. A net can have others.
const (
	InputX         = "x"         // the samples, [N, ...]
	InputTarget    = "target"    // what a prediction is compared with, [N, ...]
	InputLabel     = "label"     // a class for each sample, [N], counted from 0
	InputMask      = "mask"      // 1 where x counts, 0 where it does not, in the shape of x
	InputLengths   = "lengths"   // the steps of each sequence, [N]
	InputCondition = "condition" // what the model of a sample is conditioned on, [N, ...]
)

// The usual names of a net's outputs. A net can have others, and lack any of these.
const (
	OutputCode  = "code"  // the latent code, [N, ...]
	OutputRecon = "recon" // the reconstruction in the data's own range, in the shape of x
	OutputScore = "score" // how badly the net explains each sample, [N]
	OutputPrior = "prior" // a draw of codes, in the shape of the code
)

// MetricMSE is the name of the mean squared error between reconstruction and x.
// Every net with a reconstruction has it in evaluation.
const MetricMSE = "mse"

// Net is what a model builds into a graph: named outputs, and the losses that
// training minimises. The inputs of the batch have the names given to Builder.Input.
//
// In evaluation (Builder.Training false) the reconstruction depends only on the
// code and on further inputs such as a label. The decoder is then the part of the
// program from the code to the reconstruction. Score and prior can be missing in
// training.
type Net struct {
	// Outputs are what the net computes, by name: "code", "recon", "score",
	// "logits", a model's own.
	Outputs map[string]*Node
	// Tasks are the losses, one for most models.
	Tasks []Task
	// Alternate makes each task a separate step, as adversaries need: the steps run
	// in order, and each sees the weights that the step before updated. Otherwise
	// all tasks are one step, and each sees the weights from before that step.
	Alternate bool
}

// Task is a loss and what it trains.
type Task struct {
	// Name is the prefix of the names of the task's learning rate, "<name>/rate",
	// and of its optimiser's states.
	Name string
	// Loss is the scalar to minimise, a mean over the batch.
	Loss *Node
	// Metrics are further scalars to report, means over the batch.
	Metrics []Metric
	// Trains has patterns for the names of the weights that the task trains; nil
	// means all weights that the loss depends on. In a pattern "*" matches any
	// characters, including "/", and "?" matches one. A pattern that starts with
	// "!" excludes weights. If the first pattern does, the list starts from all
	// weights that the loss depends on. Later patterns override earlier ones:
	//
	//	{"encoder/*"}                   the encoder
	//	{"encoder/*", "!*/b"}           the encoder without its biases
	//	{"!encoder/*"}                  all but a frozen encoder
	Trains []string
	// Optimizer updates the weights; nil means the optimiser of the training.
	Optimizer Optimizer
}

// Metric is a named scalar.
type Metric struct {
	Name string
	Node *Node
}

// Optimizer adds the updates of weights to a training step. Package optim has
// the usual optimisers.
type Optimizer interface {
	// Update adds the next value of each weight by Builder.Update, given its
	// gradient; rate is the learning rate, a scalar node. The builder's scope is
	// the task's name: a state made by Builder.State belongs to the task. Training
	// of a weight can begin later than that of others, so an optimiser counts steps
	// for each weight.
	Update(b *Builder, rate *Node, weights, grads []*Node)
	// LearningRate returns the rate to start with.
	LearningRate() float64
	// Validate returns an error for settings out of range.
	Validate() error
}

// InputNode returns the node of the input with the scoped name, nil if there is none.
func (b *Builder) InputNode(name string) *Node { return b.inputs[join(b.scope, name)] }
