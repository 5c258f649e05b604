package serve

import (
	"cmp"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/vm"
)

// Options are the settings of a server. The zero value is the default.
//
// Memory is bounded by Queue times MaxBody: a request takes up to some twenty times the
// bytes of its body, in numbers and in the text of the answer, and more if what is asked
// for is larger than the sample.
type Options struct {
	// Name is what the page and /v1/model call the model; "" is its type.
	Name string
	// Samples are samples that GET /v1/samples answers with and the page offers: "x" [N,
	// ...], in the scale of the data, and further inputs by name. Nil offers none. Everyone
	// who can reach the server can read them.
	Samples []vm.Array
	// MaxBody is the most bytes in the body of a request; 0 means 8 MiB.
	MaxBody int64
	// MaxSamples is the most samples in a request; 0 means 16384.
	MaxSamples int
	// MaxBatch is the most samples that are computed at a time, up to 256, which is 0.
	// A larger request is split.
	MaxBatch int
	// MaxWait is how long a request waits at most for others that are arriving, to be
	// computed with them; 0 means 2 ms, below 0 not at all.
	MaxWait time.Duration
	// Timeout is the time for a request from the end of its body to its result; 0 means 30 s.
	Timeout time.Duration
	// ReadTimeout is the time in which a request must arrive, with its body; 0 means 30 s.
	ReadTimeout time.Duration
	// Queue is the most requests that are read, wait, or are computed or answered at the
	// same time; 0 means 128. Others are told to come back.
	Queue int
	// Connections is the most open connections; 0 means 1024. Others wait until one closes.
	Connections int
}

// libraryBatch is the most samples that a stheno.Autoencoder computes at a time.
const libraryBatch = 256

// complete fills in the defaults.
func (o Options) complete() (Options, error) {
	if o.MaxBody < 0 || o.MaxSamples < 0 || o.MaxBatch < 0 || o.Timeout < 0 || o.ReadTimeout < 0 || o.Queue < 0 || o.Connections < 0 {
		return o, fmt.Errorf("serve: a limit is below 0: MaxBody %d, MaxSamples %d, MaxBatch %d, Timeout %v, ReadTimeout %v, Queue %d, Connections %d",
			o.MaxBody, o.MaxSamples, o.MaxBatch, o.Timeout, o.ReadTimeout, o.Queue, o.Connections)
	}
	if o.MaxBatch > libraryBatch {
		return o, fmt.Errorf("serve: MaxBatch is %d: at most %d samples are computed at a time", o.MaxBatch, libraryBatch)
	}
	o.MaxBody = cmp.Or(o.MaxBody, 8<<20)
	o.MaxSamples = cmp.Or(o.MaxSamples, 16384)
	o.MaxBatch = cmp.Or(o.MaxBatch, libraryBatch)
	o.MaxWait = cmp.Or(o.MaxWait, 2*time.Millisecond)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 30*time.Second)
	o.Queue = cmp.Or(o.Queue, 128)
	o.Connections = cmp.Or(o.Connections, 1024)
	return o, nil
}
