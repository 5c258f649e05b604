// Package serve answers requests for codes, reconstructions and scores of a model over
// HTTP:
//
//	s, err := serve.New(ae, serve.Options{})
//	defer s.Close()
//	l, err := net.Listen("tcp", "127.0.0.1:8080")
//	err = s.Serve(ctx, l) // until ctx ends and all accepted requests are answered
//
// A Server is an http.Handler, for programs that have a server of their own. Requests
// that come at the same time are computed together. There is no authentication: who can
// reach the address can use the model, within the limits of Options. docs/serve.md
// describes the requests and the metrics.
package serve
