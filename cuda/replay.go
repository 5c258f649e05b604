//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cuda/internal/code"
	"github.com/stheno-ml/stheno/cuda/internal/driver"
)

// replay is the program as CUDA graphs, with the steps that run on the host
// between them. It is captured in the second run, because loading, which the
// first run does, cannot be captured.
type replay struct {
	warm  bool
	parts []replayed
}

// replayed is a graph of calls, or a call on the host.
type replayed struct {
	graph *driver.Graph
	host  *code.Call
}

func (r *replay) close() error {
	var errs []error
	for _, p := range r.parts {
		if p.graph != nil {
			errs = append(errs, p.graph.Close())
		}
	}
	*r = replay{}
	return errors.Join(errs...)
}

// calls enqueues the program's calls. A graph runs whole or not at all; a run
// of single calls that fails halfway leaves the parameters as they were.
func (e *engine[T]) calls() error {
	single := e.config.Serial || e.profile != nil || !e.replay.warm
	if !single && e.replay.parts == nil {
		if err := e.capture(); err != nil {
			return err
		}
	}
	if !single && len(e.replay.parts) == 1 && e.replay.parts[0].graph != nil {
		return e.replay.parts[0].graph.Launch(e.stream)
	}
	if err := e.snapshot(); err != nil {
		return err
	}
	run := e.parts
	if single {
		run = e.oneByOne
	}
	if err := run(); err != nil {
		e.rollback()
		return err
	}
	return nil
}

// oneByOne enqueues the calls one by one.
func (e *engine[T]) oneByOne() error {
	for i := range e.program.Calls {
		if err := e.callAlone(&e.program.Calls[i]); err != nil {
			return err
		}
	}
	e.replay.warm = true
	if e.profile != nil {
		return e.profile.finish()
	}
	return nil
}

// parts launches the graphs, with the steps on the host between them.
func (e *engine[T]) parts() error {
	for _, p := range e.replay.parts {
		if p.host == nil {
			if err := p.graph.Launch(e.stream); err != nil {
				return err
			}
		} else if err := e.onHost(p.host); err != nil {
			return e.named(p.host, err)
		}
	}
	return nil
}

// capture makes the graphs.
func (e *engine[T]) capture() error {
	var parts []replayed
	rest := e.program.Calls
	for len(rest) > 0 {
		if rest[0].Host {
			parts = append(parts, replayed{host: &rest[0]})
			rest = rest[1:]
			continue
		}
		n := slices.IndexFunc(rest, func(c code.Call) bool { return c.Host })
		if n < 0 {
			n = len(rest)
		}
		g, err := e.stream.Capture(func() error {
			for i := range rest[:n] {
				if err := e.call(&rest[i]); err != nil {
					return e.named(&rest[i], err)
				}
			}
			return nil
		})
		if err != nil {
			return errors.Join(err, (&replay{parts: parts}).close())
		}
		parts = append(parts, replayed{graph: g})
		rest = rest[n:]
	}
	e.replay.parts = parts
	return nil
}

// callAlone enqueues one call; Serial waits for it, and a profile times it.
func (e *engine[T]) callAlone(c *code.Call) (err error) {
	if e.profile != nil {
		if err := e.profile.before(c.Step); err != nil {
			return err
		}
	}
	if c.Host {
		err = e.onHost(c)
	} else {
		err = e.call(c)
	}
	if err == nil && e.config.Serial {
		err = e.stream.Synchronize()
	}
	return e.named(c, err)
}

// call enqueues a kernel or a product.
func (e *engine[T]) call(c *code.Call) error {
	if p := c.Product; p != nil {
		return e.kernels.blas.Gemm(driver.Gemm{
			Double: e.width() == 8, TransA: p.TransA, TransB: p.TransB, M: p.M, N: p.N, K: p.K, Alpha: 1,
			A: e.address(p.A), B: e.address(p.B), C: e.address(p.C), LdA: p.LdA, LdB: p.LdB, LdC: p.LdC,
			Batch: p.Batch, StrideA: p.StrideA, StrideB: p.StrideB, StrideC: p.StrideC,
		})
	}
	args := make([]driver.Pointer, len(c.Args))
	for i, r := range c.Args {
		args[i] = e.address(r)
	}
	return e.stream.Launch(e.kernels.functions[c.Kernel], c.Grid, c.Block, args)
}

// named adds to an error which call it comes from, and which nodes the call
// computes.
func (e *engine[T]) named(c *code.Call, err error) error {
	if err == nil {
		return nil
	}
	what := c.Kernel
	switch {
	case c.Host:
		what = "on the host"
	case c.Product != nil:
		what = "cuBLAS"
	}
	if c.Step >= len(e.plan.Steps) {
		return fmt.Errorf("after the steps, %s: %w", what, err)
	}
	prim, _, _ := strings.Cut(e.plan.Steps[c.Step].Prim.String(), "\n")
	var nodes []string
	for _, f := range e.plan.Summaries() {
		if f.Step == c.Step && f.Node.Op() != nil {
			nodes = append(nodes, fmt.Sprintf("%s (node %d)", f.Node.Name(), f.Node.ID()))
		}
	}
	const most = 4
	if len(nodes) > most {
		nodes = append(nodes[:most], fmt.Sprintf("%d more", len(nodes)-most))
	}
	return fmt.Errorf("step %d, %s, %s, which computes %s: %w", c.Step, prim, what, strings.Join(nodes, ", "), err)
}
