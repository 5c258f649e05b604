package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// versionOne is results.json as other programs know it: one run with all its
// figures, and one that is absent.
const versionOne = `{"schema":1,"seed":18446744073709551615,
 "machine":{"cpu":"AMD EPYC","cores":2,"go":"go1.26.0","gpu":"H100","gpu_device":{"name":"H100","capability":"9.0","multiprocessors":132,"memory_bytes":85017624576,"driver_cuda":"12.4","toolkit":"NVRTC 12.9","peak_gflops":66908.2,"bandwidth_gb_s":null,"emulated":false},"fma_peak_gflops":{"one":117.2,"all":233.6,"isa":"avx512"}},
 "data":{"name":"mnist","train":60000,"test":10000},
 "runs":[{"model":"conv","backend":"tape","version":null,"device":"cpu","batch":128,"threads":2,"isa":"avx512","gpu":false,"emulated":false,
   "params":4385,"nodes":120,"compile_ms":12.5,"plan_ms":8.25,"steps":20,"step_ms":{"min":390.5,"median":402,"max":431},
   "samples_per_sec":318.4,"flops_per_step":1141000000,"gflops":2.84,"peak_fraction":0.012,"bytes_per_step":31000000,"bandwidth_fraction":0.25,"allocs_per_step":1234.5,
   "peak_bytes":326107136,"arena_bytes":3000000,"least_bytes":2000000,"scratch_bytes":1000000,"epochs":1,"loss_first":0.6931,"loss_last":0.0934,"test_loss":0.0929,"test_mse":0.00912,"loss_difference":0.0000031,"loss_steps":200,"step_losses":[0.6931,null],"target_mse":0.01,"target_epochs":1,"target_seconds":1.8,"error":""},
  {"model":"conv","backend":"cuda","version":null,"device":"","batch":128,"threads":2,"isa":null,"gpu":true,"emulated":true,
   "params":null,"nodes":null,"compile_ms":null,"plan_ms":null,"steps":null,"step_ms":{"min":null,"median":null,"max":null},
   "samples_per_sec":null,"flops_per_step":null,"gflops":null,"peak_fraction":null,"bytes_per_step":null,"bandwidth_fraction":null,"allocs_per_step":null,
   "peak_bytes":null,"arena_bytes":null,"least_bytes":null,"scratch_bytes":null,"epochs":null,"loss_first":null,"loss_last":null,"test_loss":null,"test_mse":null,"loss_difference":null,"loss_steps":null,"target_mse":null,"target_epochs":null,"target_seconds":null,"error":"no <GPU> here"}]}`

func TestResultsKeepEveryKeyAndFigureOfVersionOne(t *testing.T) {
	r, err := ReadJSON(strings.NewReader(versionOne))
	require.NoError(t, err)
	require.Equal(t, Known(402.0), r.Runs[0].StepMS.Median)
	require.Equal(t, Opt[int64]{}, r.Runs[1].Params)

	var written, want, got bytes.Buffer
	require.NoError(t, WriteJSON(&written, r))
	require.NoError(t, json.Compact(&want, []byte(versionOne)))
	require.NoError(t, json.Compact(&got, written.Bytes()))
	require.Equal(t, want.String(), got.String())

	again, err := ReadJSON(&written)
	require.NoError(t, err)
	require.Equal(t, r, again)
}

func TestKeysThatAFileLacksAreUnknown(t *testing.T) {
	r, err := ReadJSON(strings.NewReader(`{"schema":1,"machine":{"cpu":"AMD EPYC","gpu":null},"runs":[{"model":"conv","backend":"cpu","batch":128}]}`))
	require.NoError(t, err)
	require.Equal(t, []Run{{Model: "conv", Backend: "cpu", Batch: 128}}, r.Runs)
	require.Equal(t, Machine{CPU: "AMD EPYC"}, r.Machine)
}

func TestResultsWithoutRunsHaveAnEmptyList(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteJSON(&b, Results{}))
	require.Contains(t, b.String(), `"runs": []`)
	require.Contains(t, b.String(), `"schema": 1`)
}

func TestFiguresThatAreNotFiniteBecomeNullAndAnError(t *testing.T) {
	r := Results{Runs: []Run{{
		Model: "vae", Error: "stopped at step 7",
		LossLast: Known(math.NaN()), TestLoss: Known(math.Inf(1)), StepMS: Spread{Max: Known(math.Inf(-1))},
		TestMSE: Known(0.25), StepLosses: []Opt[float64]{Known(0.7), Known(math.NaN()), Known(math.NaN())},
	}}}
	r.Machine.FMAPeak.All = Known(math.NaN())
	var b bytes.Buffer
	require.NoError(t, WriteJSON(&b, r))
	got, err := ReadJSON(&b)
	require.NoError(t, err)
	require.Equal(t, "stopped at step 7; step_ms.max is -Inf; loss_last is NaN; test_loss is +Inf; step_losses[1] is NaN", got.Runs[0].Error)
	require.Equal(t, Run{Model: "vae", Error: got.Runs[0].Error, TestMSE: Known(0.25), StepLosses: []Opt[float64]{Known(0.7), {}, {}}}, got.Runs[0])
	require.Equal(t, Opt[float64]{}, got.Machine.FMAPeak.All)
	_, known := r.Runs[0].LossLast.Get()
	require.True(t, known, "the caller's results are left as they were")
}

func TestZeroIsAFigureAndNotUnknown(t *testing.T) {
	for _, c := range []struct {
		text string
		want Opt[int]
	}{{"0", Known(0)}, {"null", Opt[int]{}}} {
		got := Known(5)
		require.NoError(t, json.Unmarshal([]byte(c.text), &got))
		require.Equal(t, c.want, got)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, c.text, string(text))
	}
}

func TestReadJSONSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":        {"", "EOF"},
		"cut off":        {versionOne[:200], "unexpected EOF"},
		"not JSON":       {"<html>", "invalid character"},
		"another schema": {`{"schema":2}`, "schema 2 and this program reads 1"},
		"no schema":      {`{"seed":1}`, "schema 0"},
		"a wrong type":   {`{"schema":1,"runs":[{"params":"many"}]}`, "cannot unmarshal string"},
		"more after it":  {versionOne + "{}", "more after the results"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadJSON(strings.NewReader(c.text))
			require.ErrorContains(t, err, "read results: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}
