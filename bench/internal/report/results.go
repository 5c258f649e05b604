// What results.json holds, version 1.

package report

// Schema is the version of the layout of Results that this package writes. Keys
// may be added within a version: a reader ignores those it does not know, and
// if a file lacks one, that figure is unknown.
const Schema = 1

// Baseline is the backend that the others are compared with.
const Baseline = "gorgonia"

// Reference is the backend that those on a GPU are compared with.
const Reference = "cpu"

// Rival is the beginning of the names of another program's backends, "torch",
// "torch-compile" and so on. The runs are compared with the fastest of them.
const Rival = "torch"

// Results is one invocation of the benchmark, and the content of results.json.
type Results struct {
	Schema  int     `json:"schema"` // version of this layout: Schema
	Seed    uint64  `json:"seed"`   // of weights, data order and noise
	Machine Machine `json:"machine"`
	Data    Data    `json:"data"`
	Runs    []Run   `json:"runs"` // in the order they are shown
	Checks  []Check `json:"checks,omitempty"`
	// Presets are figures that presets reached, each beside the published one.
	Presets []PresetFigure `json:"presets,omitempty"`
}

// Check is the difference between a model's training on the compiled machine
// and on the TapeMachine: of losses relative to the loss, of weights and
// gradients relative to the largest in their tensor.
type Check struct {
	Model string `json:"model"`
	Batch int    `json:"batch"`
	Type  string `json:"type"` // float32 or float64
	ISA   string `json:"isa"`
	Seed  uint64 `json:"seed"`

	Limit   float64      `json:"limit"`
	Loss    Opt[float64] `json:"loss"`    // the largest difference of a step
	Weights Opt[float64] `json:"weights"` // the largest difference after all steps
	Above   int          `json:"above"`   // weights farther apart than the limit

	Rounding    int          `json:"rounding"` // of those, by their explanation
	Kink        int          `json:"kink"`
	Carried     int          `json:"carried"`
	Unexplained int          `json:"unexplained"`
	Gradients   Opt[float64] `json:"gradients"` // the largest difference of a step, with samples near kinks moved
	Notes       []string     `json:"notes"`     // the evidence, in words
	Wrong       string       `json:"wrong"`     // the differences that nothing explains, or ""
}

// Machine is what the runs ran on.
type Machine struct {
	CPU     string      `json:"cpu"`             // brand name, or the architecture
	Cores   int         `json:"cores"`           // cores that the process may use
	Go      string      `json:"go"`              // version of Go
	GPU     Opt[string] `json:"gpu"`             // name of the GPU that was used
	Device  Opt[GPU]    `json:"gpu_device"`      // its description
	FMAPeak FMAPeak     `json:"fma_peak_gflops"` // measured in the same invocation
}

// GPU is a graphics processor, as its driver describes it.
type GPU struct {
	Name            string       `json:"name"`
	Capability      string       `json:"capability"` // compute capability, such as "9.0"
	Multiprocessors int          `json:"multiprocessors"`
	MemoryBytes     int64        `json:"memory_bytes"`
	Driver          string       `json:"driver_cuda"`    // the CUDA that the driver supports, such as "12.4"
	Toolkit         string       `json:"toolkit"`        // the libraries that were used, such as "NVRTC 12.9, cuBLAS 12.9.1"
	PeakGFLOPS      Opt[float64] `json:"peak_gflops"`    // float32, a multiply-add counted as two, at the highest clock
	BandwidthGBS    Opt[float64] `json:"bandwidth_gb_s"` // to and from its memory, 1e9 bytes a second, at the highest clock
	Emulated        bool         `json:"emulated"`       // it is not a GPU but a program that emulates one
}

// FMAPeak is the measured arithmetic peak in float32 GFLOP/s, a multiply-add
// counted as two.
type FMAPeak struct {
	One Opt[float64] `json:"one"` // one thread alone
	All Opt[float64] `json:"all"` // all threads together
	ISA Opt[string]  `json:"isa"` // instruction set that was timed
}

// Data is the data set that the runs used.
type Data struct {
	Name  string `json:"name"`  // such as "mnist"
	Train int    `json:"train"` // samples trained on
	Test  int    `json:"test"`  // samples scored on
}

// Run is one model on one backend. Losses are in the unit of the model's own
// loss, averaged over samples.
type Run struct {
	Model   string      `json:"model"`   // such as "conv"
	Backend string      `json:"backend"` // such as "tape"
	Version Opt[string] `json:"version"` // of a backend that is another program, such as "PyTorch 2.9.0, channels last"
	Device  string      `json:"device"`  // what the backend ran on
	Batch   int         `json:"batch"`   // samples in a step
	Threads int         `json:"threads"` // threads that the backend may use; 0 for a backend on a GPU
	ISA     Opt[string] `json:"isa"`     // instruction set of a backend that chooses one
	GPU     bool        `json:"gpu"`     // it ran on a GPU
	// Emulated runs ran on an emulator of a GPU. Their times say nothing about
	// a GPU, so no rates are computed from them and they are compared with no
	// other run.
	Emulated bool `json:"emulated"`

	Params        Opt[int64]   `json:"params"`          // learnable numbers
	Nodes         Opt[int]     `json:"nodes"`           // nodes of the training graph
	CompileMS     Opt[float64] `json:"compile_ms"`      // to build the graph and its machine, ms
	PlanMS        Opt[float64] `json:"plan_ms"`         // of those, to make the machine of the finished graph
	Steps         Opt[int]     `json:"steps"`           // training steps timed
	StepMS        Spread       `json:"step_ms"`         // one training step, ms
	SamplesPerSec Opt[float64] `json:"samples_per_sec"` // batch over the median step
	FlopsPerStep  Opt[int64]   `json:"flops_per_step"`  // nominal operations of a step
	GFLOPS        Opt[float64] `json:"gflops"`          // flops over the median step, GFLOP/s
	PeakFraction  Opt[float64] `json:"peak_fraction"`   // gflops over the FMA peak of the threads used, or over the GPU's, 0 to 1
	BytesPerStep  Opt[int64]   `json:"bytes_per_step"`  // operands and results of the steps of its plan, each counted once
	// BandwidthFraction is bytes over the median step, over the bandwidth of the
	// GPU's memory. Above 1, some of the bytes were in a cache.
	BandwidthFraction Opt[float64] `json:"bandwidth_fraction"`
	AllocsPerStep     Opt[float64] `json:"allocs_per_step"` // heap allocations of a step
	PeakBytes         Opt[int64]   `json:"peak_bytes"`      // most memory held, bytes
	ArenaBytes        Opt[int64]   `json:"arena_bytes"`     // memory of a step's intermediate values, bytes
	LeastBytes        Opt[int64]   `json:"least_bytes"`     // the most of it that is alive at one time: no arena can be smaller
	ScratchBytes      Opt[int64]   `json:"scratch_bytes"`   // additional memory of a step's workers, bytes

	Epochs    Opt[int]     `json:"epochs"`     // passes over the training data
	LossFirst Opt[float64] `json:"loss_first"` // training loss at the start
	LossLast  Opt[float64] `json:"loss_last"`  // training loss at the end
	TestLoss  Opt[float64] `json:"test_loss"`  // loss on the test samples at the end
	TestMSE   Opt[float64] `json:"test_mse"`   // squared error per value on the test samples

	// With the same seed and batches, the largest relative difference of a
	// step's loss from that of the backend Reference, over the first LossSteps
	// steps.
	LossDifference Opt[float64] `json:"loss_difference"`
	LossSteps      Opt[int]     `json:"loss_steps"`
	// StepLosses are the losses of those steps, of each run of a comparison.
	StepLosses []Opt[float64] `json:"step_losses,omitempty"`

	TargetMSE     Opt[float64] `json:"target_mse"`     // on the test samples: the error trained to
	TargetEpochs  Opt[int]     `json:"target_epochs"`  // epochs until it was reached; unknown if it was not
	TargetSeconds Opt[float64] `json:"target_seconds"` // time in training steps until then, in s

	Error string `json:"error"` // why the run failed in whole or in part, or ""
}

// Spread is the spread of repeated timings.
type Spread struct {
	Min    Opt[float64] `json:"min"`
	Median Opt[float64] `json:"median"`
	Max    Opt[float64] `json:"max"`
}
