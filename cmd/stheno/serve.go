package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/stheno-ml/stheno/recipe"
	"github.com/stheno-ml/stheno/serve"
)

func (a *app) serve() *cobra.Command {
	var addr string
	var noSamples bool
	var o recipe.OpenOptions
	var s serve.Options
	c := &cobra.Command{
		Use:   "serve RUN",
		Short: "Answer requests for codes, reconstructions and scores over HTTP",
		Long: `Answer requests over HTTP: POST /v1/encode, /v1/reconstruct and /v1/score take samples as
JSON, {"x": [[...], ...]}, or as npy, and answer in kind. A page at / shows reconstructions
and codes of what is sent, or of some test samples that the run folder keeps. GET /healthz, /v1/model and /metrics are for programs.

There is no authentication: who can reach the address can use the model, and by default that
is this machine alone. Ctrl-C or SIGTERM stops it once all accepted requests are answered; a
second signal ends it at once. docs/serve.md describes requests, limits and metrics.`,
		Example: `stheno serve runs/vae
stheno serve runs/vae --addr 127.0.0.1:0 --max-batch 64 --timeout 5s`,
		Args: cobra.ExactArgs(1),
	}
	f := c.Flags()
	f.StringVar(&addr, "addr", "127.0.0.1:8080", "address to listen on; without authentication, so 127.0.0.1 unless others may use it; port 0 chooses one")
	f.BoolVar(&noSamples, "no-samples", false, "do not offer the samples that the run folder keeps")
	f.Int64Var(&s.MaxBody, "max-body", 8<<20, "most bytes in a request")
	f.IntVar(&s.MaxSamples, "max-samples", 16384, "most samples in a request")
	f.IntVar(&s.MaxBatch, "max-batch", 256, "most samples that are computed together")
	f.DurationVar(&s.MaxWait, "max-wait", 0, "how long a request waits at most for others that arrive (default 2ms)")
	f.DurationVar(&s.Timeout, "timeout", 0, "time for the result of a request (default 30s)")
	f.IntVar(&s.Queue, "queue", 128, "most requests at a time; others are told to come back")
	backendFlags(c, &o)
	c.RunE = func(c *cobra.Command, args []string) error {
		if s.MaxBody < 1 || s.MaxSamples < 1 || s.MaxBatch < 1 || s.MaxBatch > 256 || s.Queue < 1 || s.Timeout < 0 {
			return usage{errors.New("a limit is out of range: want --max-body, --max-samples and --queue of at least 1, --max-batch from 1 to 256, and a --timeout of at least 0")}
		}
		s.Name = filepath.Base(args[0])
		return with(args[0], o, func(run *recipe.Run) error {
			if !noSamples {
				var err error
				if s.Samples, err = run.Samples(c.Context()); err != nil {
					return err
				}
			}
			server, err := serve.New(run.Model, s)
			if err != nil {
				return err
			}
			defer server.Close()
			l, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("--addr %s: %w", addr, err)
			}
			at, local := l.Addr(), "only this machine can reach it"
			if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
				local = "there is no authentication: all who can reach this address can use the model"
			}
			fmt.Fprintf(a.stderr, "serving %s on http://%s (%s)\n", args[0], at, local)
			if err := server.Serve(c.Context(), l); err != nil {
				return err
			}
			requests, samples := server.Served()
			return a.result(map[string]any{"requests": requests, "samples": samples}, func(io.Writer) error {
				_, err := fmt.Fprintf(a.stderr, "stopped; served %d requests of %d samples\n", requests, samples)
				return err
			})
		})
	}
	return c
}
