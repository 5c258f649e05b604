package talk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync/atomic"
	"time"
)

// Program is another program that takes orders.
type Program struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	e    *json.Encoder
	d    *json.Decoder
}

// Start starts a program, whose standard error goes to log. It is killed when ctx ends.
func Start(ctx context.Context, log io.Writer, env []string, name string, command ...string) (*Program, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env, cmd.Stderr, cmd.WaitDelay = env, log, 5*time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Program{name, cmd, in, json.NewEncoder(in), json.NewDecoder(out)}, nil
}

// ErrEnded is wrapped in the error of an order if the program has ended.
var ErrEnded = errors.New("the program was ended")

// Ask gives an order and waits for the answer, at most as long as patience: a
// program that takes longer is killed.
func (p *Program) Ask(o Order, patience time.Duration) (Answer, error) {
	var late atomic.Bool
	timer := time.AfterFunc(patience, func() {
		late.Store(true)
		_ = p.cmd.Process.Kill() // if it fails, there is nothing to kill
	})
	defer timer.Stop()
	var a Answer
	err := p.e.Encode(o)
	if err == nil {
		err = p.d.Decode(&a)
	}
	switch {
	case err != nil && late.Load():
		return a, fmt.Errorf("%s took longer than %v for the order %q: %w", p.name, patience, o.Do, ErrEnded)
	case err != nil:
		return a, fmt.Errorf("%s: %w; its last lines say why", p.name, errors.Join(ErrEnded, err))
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

// Close ends the program by closing its input.
func (p *Program) Close() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

// Kill ends the program at once.
func (p *Program) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.in.Close()
	_ = p.cmd.Wait() // "killed" is expected
}
