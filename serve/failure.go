package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
)

// A failure is an answer that is not a result. Its text is for the client.
type failure struct {
	status int
	text   string
	retry  bool // the same request may go well later
}

func (f *failure) Error() string { return f.text }

func fail(status int, format string, args ...any) *failure {
	return &failure{status: status, text: fmt.Sprintf(format, args...)}
}

// busy tells the client to come back.
func busy(format string, args ...any) *failure {
	return &failure{http.StatusServiceUnavailable, fmt.Sprintf(format, args...), true}
}

// write writes the failure as {"error": text}.
func (f *failure) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", typeJSON)
	if f.retry {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(f.status)
	json.NewEncoder(w).Encode(map[string]string{"error": f.text}) // a client that is gone reads nothing
}

// unread is the failure of reading a body.
func unread(err error) *failure {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fail(http.StatusRequestEntityTooLarge, "the body has more than %d bytes: send fewer samples at a time", large.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fail(http.StatusRequestTimeout, "the body did not arrive in time")
	}
	return fail(http.StatusBadRequest, "the body: %v", err)
}
