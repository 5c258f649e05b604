package graph

// The usual names of a net's inputs. A net may have others of its own.
const (
	InputX         = "x"         // the samples, [N, ...]
	InputTarget    = "target"    // what a prediction is compared with, [N, ...]
	InputLabel     = "label"     // a class for each sample, [N], counted from 0
	InputMask      = "mask"      // 1 where x counts, 0 where it does not, in the shape of x
	InputLengths   = "lengths"   // the steps of each sequence, [N]
	InputCondition = "condition" // what a sample is modelled given, [N, ...]
)

// The usual names of a net's outputs. A net may have others of its own, and lack
// any of these.
const (
	OutputCode  = "code"  // the latent code, [N, ...]
	OutputRecon = "recon" // the reconstruction in the data's own range, in the shape of x
	OutputScore = "score" // how badly the net explains each sample, [N]
	OutputPrior = "prior" // a draw of codes, in the shape of the code
)

// MetricMSE is the name of the metric that every net that reconstructs has in
// evaluation: the mean squared error between reconstruction and x.
const MetricMSE = "mse"

// Net is what a model builds into a graph: what it offers by name, and what
// training minimises. The batch comes in by the names given to Builder.Input.
//
// In evaluation (Builder.Training false) a reconstruction is computed from the
// code, and from further inputs such as a label, alone: a decoder is then what
// leads from the one to the other. Score and prior may be missing in training.
type Net struct {
	// Outputs are what the net computes, by name: "code", "recon", "score",
	// "logits", a model's own.
	Outputs map[string]*Node
	// Tasks are the losses, one for most models.
	Tasks []Task
	// Alternate makes each task a step of its own: they take turns, in order, and
	// each starts from what the one before left, as adversaries do. Else all tasks
	// are one step, in which every one sees the weights as they were before it.
	Alternate bool
}

// Task is a loss and what it trains.
type Task struct {
	// Name stands before the names of the task's learning rate, "<name>/rate", and
	// of its optimiser's states.
	Name string
	// Loss is the scalar to minimise, a mean over the batch.
	Loss *Node
	// Metrics are further scalars to report, means over the batch.
	Metrics []Metric
	// Trains are patterns over the names of weights that choose which the task
	// changes; nil means all that the loss depends on. In a pattern "*" stands for
	// any characters, "/" among them, and "?" for one. A pattern that starts with
	// "!" takes weights away again; where the first one does, the others do so
	// from all that the loss depends on. Later patterns overrule earlier ones:
	//
	//	{"encoder/*"}                   the encoder
	//	{"encoder/*", "!*/b"}           the encoder without its biases
	//	{"!encoder/*"}                  all but a frozen encoder
	Trains []string
	// Optimizer makes the steps; nil means that of the training.
	Optimizer Optimizer
}

// Metric is a named scalar.
type Metric struct {
	Name string
	Node *Node
}

// Optimizer adds the updates of weights to a training step. Package optim has
// the usual ones.
type Optimizer interface {
	// Update adds, by Builder.Update, the next value of each weight given its
	// gradient; rate is the learning rate, a scalar node. The builder's scope is
	// the task's name: a state made by Builder.State belongs to the task. A weight
	// may join later than others, so what the optimiser counts it counts for each.
	Update(b *Builder, rate *Node, weights, grads []*Node)
	// LearningRate returns the rate to start with.
	LearningRate() float64
	// Validate returns an error for settings out of range.
	Validate() error
}

// InputNode returns the node of the input with the scoped name, nil if there is none.
func (b *Builder) InputNode(name string) *Node { return b.inputs[join(b.scope, name)] }
