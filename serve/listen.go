package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Serve answers requests on a listener, which it closes, until ctx ends. Then it takes no
// further ones, and returns nil once all accepted ones are answered.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s == nil || s.handler == nil {
		return errors.New("serve: no server: create it with New")
	}
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: min(10*time.Second, s.o.ReadTimeout),
		ReadTimeout:       s.o.ReadTimeout,
		WriteTimeout:      s.patience(),
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(limit(l, s.o.Connections)) }()
	select {
	case err := <-ended:
		h.Close()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience())
	defer cancel()
	if err := h.Shutdown(last); err != nil {
		h.Close()
		return fmt.Errorf("serve: not all requests were answered within %v: %w", s.patience(), err)
	}
	return nil
}

// patience is the time for a request in all: to arrive, to be computed and to be written.
func (s *Server) patience() time.Duration { return 2*s.o.ReadTimeout + s.o.Timeout }

// limit is a listener with a greatest number of open connections.
func limit(l net.Listener, n int) net.Listener {
	return &limited{Listener: l, slots: make(chan struct{}, n), closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &limitedConn{Conn: c, free: func() { <-l.slots }}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	once sync.Once
	free func()
}

func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.free)
	return err
}
