//go:build gpu

package driver

import "errors"

// Graph is work captured from a stream. It can be launched any number of times, each at the cost of one launch.
type Graph struct {
	Nodes int // kernels, copies and fills

	c    *Context
	exec execHandle
}

// Capture makes a graph of the work that f puts into the stream; none of it runs. f may use other streams through
// events, if the stream waits for them at the end. f must not allocate memory, load modules or wait for the GPU.
// Libraries do so on their first call, so run the work once before.
func (s *Stream) Capture(f func() error) (*Graph, error) {
	g := &Graph{c: s.c}
	err := s.c.Do(func() error { // one thread from begin to end, as CUDA requires
		if err := beginCapture(s.s); err != nil {
			return err
		}
		err := f()
		graph, endErr := endCapture(s.s)
		if err = errors.Join(err, endErr); err != nil {
			if graph != nil {
				err = errors.Join(err, destroyGraph(graph))
			}
			return err
		}
		if g.Nodes, err = graphNodes(graph); err == nil {
			g.exec, err = instantiate(graph)
		}
		return errors.Join(err, destroyGraph(graph))
	})
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// Launch puts the graph into a stream. Launches of one graph run one at a time.
func (g *Graph) Launch(s *Stream) error {
	return g.c.Do(func() error { return launchGraph(g.exec, s.s) })
}

// Close ends the graph, once its last launch is done.
func (g *Graph) Close() error {
	if g.exec == nil {
		return nil
	}
	exec := g.exec
	g.exec = nil
	return g.c.Do(func() error { return destroyExec(exec) })
}
