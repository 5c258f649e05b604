package serve

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"slices"
)

var (
	//go:embed page.gohtml
	pageText string
	//go:embed page.js
	pageScript string
	//go:embed page.css
	pageStyle string
)

// picture is how samples are shown: [Channels,Height,Width], or not at all if Channels is 0.
type picture struct {
	Channels int `json:"channels"`
	Height   int `json:"height"`
	Width    int `json:"width"`
}

// pictureOf is the picture that a sample of a shape is: [1,H,W], [3,H,W], [H,W], or a
// square of at least 8 by 8 that was flattened.
func pictureOf(shape []int) picture {
	switch len(shape) {
	case 3:
		if shape[0] == 1 || shape[0] == 3 {
			return picture{shape[0], shape[1], shape[2]}
		}
	case 2:
		return picture{1, shape[0], shape[1]}
	case 1:
		if side := int(math.Round(math.Sqrt(float64(shape[0])))); side >= 8 && side*side == shape[0] {
			return picture{1, side, side}
		}
	}
	return picture{}
}

// page is the handler of the page. It needs no other file; a nonce lets its own script and
// style run, and no others.
func (s *Server) page() (http.HandlerFunc, error) {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("serve: the page: %w", err)
	}
	x, _ := s.shape("x")
	extra := slices.DeleteFunc(slices.Clone(s.model.Inputs), func(in Input) bool { return in.Name == "x" || len(in.For) == 0 })
	return func(w http.ResponseWriter, _ *http.Request) {
		nonce := rand.Text()
		var b bytes.Buffer
		err := t.Execute(&b, map[string]any{
			"Model": s.model, "Picture": pictureOf(x), "X": batchShape(x), "Extra": extra, "Nonce": nonce, "Samples": s.own != nil,
			"Style": template.CSS(pageStyle), "Script": template.JS(pageScript),
		})
		if err != nil {
			fail(http.StatusInternalServerError, "the page: %v", err).write(w)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src 'nonce-%[1]s'; style-src 'nonce-%[1]s'; connect-src 'self'; img-src data: blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'", nonce))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		w.Write(b.Bytes()) // a client that is gone reads nothing
	}, nil
}
