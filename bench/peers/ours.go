package main

// Our side: the compiled machines as programs to time.

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// ours is a talk.Player on a compiled machine.
type ours struct {
	machine string // own or ownGPU
	net     talk.Net
	x       []float32
	step    func(i int) (float64, error) // on the i-th batch, counted from 0
	close   func() error
	done    int
}

// backend returns the machine's backend, and the GPU's name if it is on one.
func (o *ours) backend() (on vm.Backend, device string, err error) {
	if o.machine != ownGPU {
		return cpu.Config{}, "", nil
	}
	all, err := cuda.Devices()
	switch {
	case err != nil:
		return nil, "", err
	case len(all) == 0:
		return nil, "", fmt.Errorf("the driver sees no GPU: $CUDA_VISIBLE_DEVICES may hide it")
	case all[0].Emulated:
		return nil, "", fmt.Errorf("%s is not a GPU: its times are compared with nothing", all[0].Name)
	}
	return cuda.Config{}, all[0].Name, nil
}

// Open compiles the net's step, with the file's weights, and takes the first steps.
func (o *ours) Open(n talk.Net, file string, steps int) (talk.Answer, error) {
	tensors, err := talk.Load(file)
	if err != nil {
		return talk.Answer{}, err
	}
	on, device, err := o.backend()
	if err != nil {
		return talk.Answer{}, err
	}
	start := time.Now()
	*o = ours{machine: o.machine, net: n, x: tensors["x"].Data}
	p := graph.NewParams(graph.Float32, seed)
	if n.Encode {
		err = o.encode(p, on)
	} else {
		err = o.train(p, on)
	}
	if err != nil {
		return talk.Answer{}, err
	}
	for name, t := range tensors {
		if name, ok := strings.CutPrefix(name, "w/"); ok {
			if err := load(p, name, t); err != nil {
				return talk.Answer{}, err
			}
		}
	}
	a := talk.Answer{Params: p.Count(), Device: device}
	for i := range steps + 1 {
		begun := time.Now()
		loss, err := o.step(i)
		if err != nil {
			return a, err
		}
		a.MS = append(a.MS, float64(time.Since(begun).Nanoseconds())/1e6)
		if i == 0 {
			a.ReadyMS = float64(time.Since(start).Nanoseconds()) / 1e6
		}
		a.Losses = append(a.Losses, loss)
	}
	o.done = steps + 1
	return a, nil
}

// load sets a weight of the net.
func load(p *graph.Params, name string, t talk.Tensor) error {
	w := p.Get(name)
	if w == nil {
		return fmt.Errorf("the net has no weight %q", name)
	}
	x := make([]float64, len(t.Data))
	for i, v := range t.Data {
		x[i] = float64(v)
	}
	if err := w.SetFloats(x); err != nil {
		return fmt.Errorf("weight %q of shape %v: %w", name, t.Shape, err)
	}
	return nil
}

// train is the training step.
func (o *ours) train(p *graph.Params, on vm.Backend) error {
	m, err := modelOf(o.net)
	if err != nil {
		return err
	}
	s, err := train.NewTrainStep(m, o.net.Batch, train.Options{Backend: on, Params: p, Seed: seed})
	if err != nil {
		return err
	}
	o.close = s.Close
	o.step = func(i int) (float64, error) {
		if err := s.Feed(graph.InputX, o.batch(i)); err != nil {
			return 0, err
		}
		out, err := s.Run(0, i*o.net.Batch)
		if err != nil {
			return 0, err
		}
		return out[0], nil
	}
	return nil
}

// encode is the forward pass of the encoder; its loss is the mean of the code's
// absolute values.
func (o *ours) encode(p *graph.Params, on vm.Backend) error {
	b := graph.New(p, graph.Config{})
	encoder(b, o.net)
	program, err := b.Program()
	if err != nil {
		return err
	}
	m, err := on.Compile(program)
	if err != nil {
		return err
	}
	o.close = m.Close
	code, _ := program.Output(graph.OutputCode)
	z := make([]float32, code.Shape.Size())
	o.step = func(i int) (float64, error) {
		if err := m.Feed(graph.InputX, o.batch(i)); err != nil {
			return 0, err
		}
		if err := vm.Run(m); err != nil {
			return 0, err
		}
		if err := m.Read(graph.OutputCode, z); err != nil {
			return 0, err
		}
		sum := 0.0
		for _, v := range z {
			sum += math.Abs(float64(v))
		}
		return sum / float64(len(z)), nil
	}
	return nil
}

func (o *ours) batch(i int) []float32 {
	size := o.net.Batch * sample(o.net)
	from := i % batches * size
	return o.x[from : from+size]
}

// Run takes steps and times the last of them.
func (o *ours) Run(warm, steps int) ([]float64, error) {
	if o.step == nil {
		return nil, fmt.Errorf("no net is open")
	}
	var ms []float64
	for i := range warm + steps {
		start := time.Now()
		if _, err := o.step(o.done); err != nil {
			return nil, err
		}
		if o.done++; i >= warm {
			ms = append(ms, float64(time.Since(start).Nanoseconds())/1e6)
		}
	}
	return ms, nil
}

// Close frees the machine.
func (o *ours) Close() error {
	end := o.close
	*o = ours{machine: o.machine}
	if end == nil {
		return nil
	}
	return end()
}
