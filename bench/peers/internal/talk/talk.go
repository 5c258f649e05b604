// Package talk is the protocol of the programs of bench/peers: one program
// writes orders, each a line of JSON, to the standard input of the others, and
// each answers every order with a line of JSON on its standard output.
//
//	{"do":"open","net":{...},"file":"conv.safetensors","steps":5}   build the net, start from the file's weights, take five steps
//	{"params":4385,"ready_ms":812.5,"losses":[0.69, ...],"ms":[31.2, ...],"version":"PyTorch 2.9.0"}
//	{"do":"run","warm":1,"steps":8}                                 take nine steps, time the last eight
//	{"ms":[31.2, ...]}
//	{"do":"close"}                                                  forget the net
//	{}
//
// An answer with an error says why the order could not be carried out; the
// program still waits for the next order. It ends when its input ends.
package talk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Net is a net of the benchmark, as nets.json describes it.
type Net struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"` // one of kinds in nets.go
	Batch    int    `json:"batch"`
	Size     int    `json:"size,omitempty"`     // rows and columns of images
	Channels int    `json:"channels,omitempty"` // of images
	Strided  bool   `json:"strided,omitempty"`  // a conv net with strides in place of pooling
	Encode   bool   `json:"encode,omitempty"`   // only a forward pass: no training
	Input    int    `json:"input,omitempty"`    // values of a sample, or of one step of a sequence
	Steps    int    `json:"steps,omitempty"`    // of sequences
	Hidden   []int  `json:"hidden"`             // the encoder's layers; those of conv and dense nets end with the code
	Code     int    `json:"code,omitempty"`     // size of the code, where Hidden does not end with it; models.go says what it is for other kinds
	Params   int    `json:"params"`             // learnable numbers
	Flops    int64  `json:"flops"`              // nominal operations of a step
}

// Order says what a program must do.
type Order struct {
	Do    string `json:"do"`             // "open", "run" or "close"
	Net   *Net   `json:"net,omitempty"`  // what to open
	File  string `json:"file,omitempty"` // its weights "w/...", batches "x" and noise "eps"
	Warm  int    `json:"warm"`           // steps before timing starts
	Steps int    `json:"steps"`          // steps to time; for open: the steps between the first loss and the last
}

// Answer is the result of an order.
type Answer struct {
	Version string  `json:"version,omitempty"`
	Device  string  `json:"device,omitempty"` // the GPU that it runs on, "" for the CPU
	Params  int     `json:"params,omitempty"`
	ReadyMS float64 `json:"ready_ms,omitempty"` // from the order "open" to the end of the first step
	// Losses are those of the first step, on the first batch, to the last, each
	// before its update; for an encoder, the mean of the code's absolute
	// values.
	Losses []float64 `json:"losses,omitempty"`
	MS     []float64 `json:"ms,omitempty"` // of each step, including those of Losses
	Error  string    `json:"error,omitempty"`
}

// Player carries out orders.
type Player interface {
	Open(net Net, file string, steps int) (Answer, error)
	Run(warm, steps int) (ms []float64, err error)
	Close() error
}

// Serve carries out the orders read from in until it ends.
func Serve(in io.Reader, out io.Writer, p Player) error {
	d, e := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o Order
		if err := d.Decode(&o); errors.Is(err, io.EOF) {
			return p.Close()
		} else if err != nil {
			return fmt.Errorf("peers: read an order: %w", err)
		}
		a, err := obey(p, o)
		if err != nil {
			a.Error = err.Error()
		}
		if err := e.Encode(a); err != nil {
			return fmt.Errorf("peers: answer: %w", err)
		}
	}
}

func obey(p Player, o Order) (a Answer, err error) {
	switch {
	case o.Do == "open" && o.Net != nil:
		return p.Open(*o.Net, o.File, o.Steps)
	case o.Do == "run":
		a.MS, err = p.Run(o.Warm, o.Steps)
		return a, err
	case o.Do == "close":
		return a, p.Close()
	}
	return a, fmt.Errorf("%q is not an order: want open with a net, run or close", o.Do)
}
