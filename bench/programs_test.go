package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/programs"
)

func TestProgramsAreTimedOnBothMachines(t *testing.T) {
	o, err := parse([]string{"-programs", "policy,words"}, io.Discard)
	require.NoError(t, err)
	for i := range o.programs {
		o.programs[i].Full = o.programs[i].Small
	}
	o.programTime = 0
	var out strings.Builder
	require.NoError(t, timePrograms(t.Context(), o, &out))
	require.Regexp(t, `(?m)^ *words +float32( +\d+\.\d+){7}( +\d+){2}`, out.String())
	require.Regexp(t, `(?m)^ *policy +float64( +\d+\.\d+){7}( +\d+){2}`, out.String())
}

func TestTheErrorNamesAnUnknownProgram(t *testing.T) {
	_, err := parse([]string{"-programs", "policy,plicy"}, io.Discard)
	require.ErrorContains(t, err, `"plicy"`)
	require.ErrorContains(t, err, programs.All()[0].Name)
}
