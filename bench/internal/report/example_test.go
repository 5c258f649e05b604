package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/stheno-ml/stheno/bench/internal/report"
)

// results are those of a small benchmark: one run, and one backend that is not available.
func results() report.Results {
	timed := report.Run{Model: "conv", Backend: "tape", Device: "cpu", Batch: 128, Threads: 2}
	timed.StepMS = report.Spread{Min: report.Known(390.1), Median: report.Known(402.7), Max: report.Known(431.9)}
	timed.SamplesPerSec = report.Known(128 / .4027)
	absent := report.Run{Model: "conv", Backend: "cuda", Batch: 128, Threads: 2, Error: "built without -tags gpu"}
	return report.Results{
		Seed:    1,
		Machine: report.Machine{CPU: "AMD EPYC", Cores: 2, Go: "go1.26.0"},
		Data:    report.Data{Name: "mnist", Train: 60000, Test: 10000},
		Runs:    []report.Run{timed, absent},
	}
}

func ExampleWriteTable() {
	if err := report.WriteTable(os.Stdout, results()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// AMD EPYC, 2 cores, go1.26.0
	// data mnist: 60,000 to train, 10,000 to test; seed 1
	//
	// model  backend  batch  threads  compile ms  steps  step ms  min–max  samples/s  GFLOP/s  of peak  speed
	// conv   tape       128        2           -      -      403  390–432        318        -        -      -
	// conv   cuda       128        2           -      -        -        -          -        -        -      -
	//   ! built without -tags gpu
}

func ExampleSaveHTML() {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	page := report.Report{
		Results: results(),
		Command: "go run ./bench -models conv",
		Date:    time.Now(),
		Notes:   []string{"The data is MNIST from the user's cache."},
		Curves:  []report.Curve{{Model: "conv", Backend: "tape", Unit: "step", Train: []report.Point{{X: 1, Loss: .69}, {X: 2, Loss: .52}}}},
	}
	if err := report.SaveJSON(filepath.Join(dir, "results.json"), page.Results); err != nil {
		fmt.Println(err)
	}
	if err := report.SaveHTML(filepath.Join(dir, "report.html"), page); err != nil {
		fmt.Println(err)
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range found {
		fmt.Println(filepath.Base(path))
	}
	// Output:
	// report.html
	// results.json
}
