package data

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// must returns the set if there is no error.
func must(set Set, err error) func(testing.TB) Set {
	return func(t testing.TB) Set {
		t.Helper()
		require.NoError(t, err)
		return set
	}
}

// only is a set with one field of another set.
func only(t testing.TB, set Set, field string) Set { return must(Select(set, field))(t) }
