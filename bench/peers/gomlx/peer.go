package main

import (
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
)

// peer is a talk.Player on GoMLX.
type peer struct {
	backend backends.Backend
	version string
	ctx     *context.Context
	step    func(i int, noise *tensors.Tensor) (float64, error)
	done    int
}

func newPeer(threads int) (*peer, error) {
	b, err := simplego.New(fmt.Sprintf("parallelism=%d", threads))
	if err != nil {
		return nil, err
	}
	version := "GoMLX"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/gomlx/gomlx" {
				version += " " + m.Version
			}
		}
	}
	return &peer{backend: b, version: version + ", Go backend"}, nil
}

// Open builds the net with the file's weights and takes the first steps.
func (p *peer) Open(n talk.Net, file string, steps int) (a talk.Answer, err error) {
	a.Version = p.version
	if n.Kind == "conv" {
		a.Version += ", convolutions as gathers and products"
	}
	files, err := talk.Load(file)
	if err != nil {
		return a, err
	}
	start := time.Now()
	p.ctx, p.step, p.done = context.New().Checked(false), nil, 0
	build, err := load(p.ctx, n, files)
	if err != nil {
		return a, err
	}
	for v := range p.ctx.IterVariables() {
		a.Params += v.Shape().Size()
	}
	if p.step, err = p.stepOf(n, build, files["x"]); err != nil {
		return a, err
	}
	for i := range steps + 1 {
		var noise *tensors.Tensor
		if eps, ok := files["eps"]; ok {
			size := n.Batch * n.Code
			noise = tensors.FromFlatDataAndDimensions(eps.Data[i*size:(i+1)*size], n.Batch, n.Code)
		}
		begun := time.Now()
		loss, err := p.step(i, noise)
		if err != nil {
			return a, err
		}
		a.MS = append(a.MS, float64(time.Since(begun).Nanoseconds())/1e6)
		if i == 0 {
			a.ReadyMS = float64(time.Since(start).Nanoseconds()) / 1e6
		}
		a.Losses = append(a.Losses, loss)
	}
	p.done = steps + 1
	return a, nil
}

// stepOf compiles the step in two versions: with given noise, and with noise
// that it draws. The step returns the loss before the update; for an encoder,
// the mean of the code's absolute values.
func (p *peer) stepOf(n talk.Net, build model, x talk.Tensor) (func(int, *tensors.Tensor) (float64, error), error) {
	var batches []*tensors.Tensor
	size := len(x.Data) / x.Shape[0] * n.Batch
	for at := 0; at < len(x.Data); at += size {
		batches = append(batches, tensors.FromFlatDataAndDimensions(x.Data[at:at+size], n.Batch, size/n.Batch))
	}
	whole := func(ctx *context.Context, in []*graph.Node) *graph.Node {
		out := build(ctx, in)
		if !n.Encode {
			optimizers.Adam().LearningRate(1e-3).Epsilon(1e-8).Done().UpdateGraph(ctx, out.Graph(), out)
		}
		return out
	}
	exec, err := context.NewExec(p.backend, p.ctx, whole)
	if err != nil {
		return nil, err
	}
	return func(i int, noise *tensors.Tensor) (float64, error) {
		in := []any{batches[i%len(batches)]}
		if noise != nil {
			in = append(in, noise)
		}
		out, err := exec.Exec1(in...)
		if err != nil {
			return 0, err
		}
		values, err := tensors.CopyFlatData[float32](out)
		if err != nil || !n.Encode {
			return float64(values[0]), err
		}
		sum := 0.0
		for _, v := range values {
			sum += math.Abs(float64(v))
		}
		return sum / float64(len(values)), nil
	}, nil
}

// Run takes steps and times the last of them.
func (p *peer) Run(warm, steps int) ([]float64, error) {
	if p.step == nil {
		return nil, fmt.Errorf("no net is open")
	}
	var ms []float64
	for i := range warm + steps {
		start := time.Now()
		if _, err := p.step(p.done, nil); err != nil {
			return nil, err
		}
		if p.done++; i >= warm {
			ms = append(ms, float64(time.Since(start).Nanoseconds())/1e6)
		}
	}
	return ms, nil
}

// Close forgets the net.
func (p *peer) Close() error {
	if p.ctx != nil {
		p.ctx.Finalize()
	}
	p.ctx, p.step = nil, nil
	return nil
}
