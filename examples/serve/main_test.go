package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain runs the server if the test binary was started as the second process.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-load") {
		main()
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

func TestASecondProcessServesTheSameCodesConcurrently(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, options{data: "digits", samples: 200, epochs: 1}))
	lines := regexp.MustCompile(`process (\d+) has (\w+): codes (\w+)`).FindAllStringSubmatch(out.String(), -1)
	require.Len(t, lines, 2, "%s", out.String())
	trained, loaded := lines[0], lines[1]
	require.Equal(t, []string{"trained", "loaded"}, []string{trained[2], loaded[2]})
	require.NotEqual(t, trained[1], loaded[1], "two processes")
	require.Equal(t, trained[3], loaded[3], "the same codes")
	require.Regexp(t, `(?m)^8 goroutines: [1-9]\d* codes per second$`, out.String())
}

func TestServingAFileThatIsNotThereIsAnErrorThatNamesIt(t *testing.T) {
	err := run(&bytes.Buffer{}, options{data: "digits", samples: 8, load: "nowhere.stheno"})
	require.ErrorContains(t, err, "nowhere.stheno")
}
