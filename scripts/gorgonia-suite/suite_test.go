package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMachinesInATestAreReplaced(t *testing.T) {
	require.Equal(t,
		"var m *MachineUnderTest; m = NewMachineUnderTest(g); func Test_tapeMachine() // NewTapeMachines",
		replace("var m *tapeMachine; m = NewTapeMachine(g); func Test_tapeMachine() // NewTapeMachines"))
	require.Equal(t,
		`c.True(dawson.AllClose(ExceptRounding(tC.Mean, op.mean.Data())), "Mean %v", dawson.AllClose(x, y))`,
		replace(`c.True(dawson.AllClose(tC.Mean, op.mean.Data()), "Mean %v", dawson.AllClose(x, y))`))
}

// printed is the output of a process that ends during its last test.
const printed = `before
\=== RUN   TestA
\=== RUN   TestA/one
\machine
x
\--- PASS: TestA/one (0.01s)
\=== RUN   TestA/two
text\--- FAIL: TestA/two (0.50s)
\--- FAIL: TestA (0.51s)
\=== RUN   TestB
\--- PASS: TestB (0.25s)
\=== RUN   ExampleC
\machine
panic: nothing
`

func TestOutputOfAProcessIsRead(t *testing.T) {
	r := run{machine: "cpu"}
	r.read(strings.ReplaceAll(printed, `\`, "\x16"))
	require.Len(t, r.tests, 3)
	a, b, c := r.tests[0], r.tests[1], r.tests[2]
	require.True(t, a.makes)
	require.Equal(t, []string{"TestA/two"}, a.faults(), "only the subtest")
	require.Contains(t, a.output.String(), "text")
	require.False(t, b.makes)
	require.Empty(t, b.faults())
	require.Equal(t, 0.25, b.took.Seconds())
	require.True(t, c.makes)
	require.Equal(t, []string{"ExampleC"}, c.faults(), "it ended the process")
	require.Equal(t, 0.51, r.machines().Seconds())
}

func TestTheTableJudgesOurMachines(t *testing.T) {
	failing := strings.ReplaceAll(printed, `\`, "\x16")
	passing := strings.ReplaceAll(failing, "FAIL", "PASS") + "\x16--- PASS: ExampleC (0.00s)\n"
	for _, c := range []struct {
		name     string
		cpu, own string // the output on both machines
		pinned   map[string]string
		bad      int
		says     string
	}{
		{"all pass", passing, passing, nil, 0, "2 tests"},
		{"Gorgonia's machine fails", passing, failing, nil, 0, "FAIL"},
		{"ours fails", failing, passing, nil, 2, "TestA fails on cpu: TestA/two"},
		{"ours fails a pinned test", failing, passing, map[string]string{"TestA/two": "2 is right", "ExampleC": "3"}, 0, "pinned TestA/two: 2 is right"},
		{"ours passes a pinned test", passing, passing, map[string]string{"TestA/two": "2 is right"}, 0, "TestA/two is on the list of faults, but passes"},
		{"a pinned test did not run", passing, passing, map[string]string{"TestZ": "2 is right"}, 0, "2 tests"},
	} {
		own, cpu := run{machine: "tape"}, run{machine: "cpu"}
		own.read(c.own)
		cpu.read(c.cpu)
		var w strings.Builder
		require.Equal(t, c.bad, table(&w, []run{own, cpu}, c.pinned, false), c.name)
		require.Contains(t, w.String(), c.says, c.name)
	}
}
