package data

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// must returns a set over sets that there is no error about.
func must(set Set, err error) func(testing.TB) Set {
	return func(t testing.TB) Set {
		t.Helper()
		require.NoError(t, err)
		return set
	}
}

// only is a set with one field of another.
func only(t testing.TB, set Set, field string) Set { return must(Select(set, field))(t) }
