package serve_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/serve"
)

// A model answers until the context ends, as it does at a signal.
func Example() {
	ae, err := stheno.New(dense.Config{Input: 4, Hidden: []int{1}}, stheno.Options{Params: graph.NewParams(graph.Float32, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ae.Close()
	s, err := serve.New(ae, serve.Options{MaxBody: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()

	r, err := http.Post("http://"+l.Addr().String()+"/v1/encode", "application/json", bytes.NewBufferString(`{"x": [[0, 0, 0, 0]]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(r.Body)
	r.Body.Close()
	fmt.Print(string(text), err, "\n")
	stop()
	fmt.Println(<-ended)
	// Output:
	// {"shape":[1,1],"values":[[0]]}
	// <nil>
	// <nil>
}
