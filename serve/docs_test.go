package serve

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/models/dense"
)

var curl = regexp.MustCompile(`(?m)^curl -s localhost:8080(\S+) -H '([^:]+): ([^']+)' -d '([^']+)'$`)

// The page's requests with curl are answered, and its metrics exist.
func TestThePageOfTheDocumentsIsRight(t *testing.T) {
	text, err := os.ReadFile("../docs/serve.md")
	require.NoError(t, err)
	s := server(t, untrained(t, dense.Config{Input: 4, Hidden: []int{2}}), Options{})
	found := curl.FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, 3)
	for _, m := range found {
		require.Equal(t, "Content-Type", m[2])
		w := post(s, m[1], m[3], m[4])
		require.Equal(t, http.StatusOK, w.Code, m[0])
	}
	for _, m := range regexp.MustCompile("`(stheno_[a-z_]+)`").FindAllStringSubmatch(string(text), -1) {
		name := m[1]
		if strings.HasSuffix(name, "_seconds") {
			name += `_count{endpoint="encode"}`
		} else if name == "stheno_batch_samples" {
			name += "_count"
		} else if name == "stheno_requests_total" {
			name += `{code="200",endpoint="encode"}`
		} else if name == "stheno_samples_total" {
			name += `{endpoint="encode"}`
		}
		require.NotEmpty(t, metric(t, s, name), name)
	}
}
