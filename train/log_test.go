package train_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/train"
)

// logs are the options of a training that writes both logs into its folder.
func logs(dir string) train.Options {
	o := resumable(dir)
	o.Callbacks = []train.Callback{
		&late{},
		&train.CSVLog{Path: filepath.Join(dir, "log.csv"), EverySteps: 2},
		&train.JSONLines{Path: filepath.Join(dir, "log.jsonl"), EverySteps: 2},
	}
	return o
}

// late records a number after the second epoch only.
type late struct{ train.Base }

func (late) Epoch(r *train.Run) error {
	if r.Epoch.Epoch == 2 {
		r.Record("late, with a comma", 7)
	}
	return nil
}

// table reads a CSV file without the columns that depend on the clock.
func table(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"after", "epoch", "step", "seconds", "samples/s"}, lines[0][:5])
	for _, fields := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			if column != "seconds" && column != "samples/s" && fields[i] != "" {
				row[column] = fields[i]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// objects reads a file of JSON lines in the same way.
func objects(t *testing.T, path string) (rows []map[string]any) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range bytes.Lines(content) {
		row := map[string]any{}
		require.NoError(t, json.Unmarshal(line, &row))
		require.Contains(t, row, "seconds")
		delete(row, "seconds")
		delete(row, "samples/s")
		rows = append(rows, row)
	}
	return rows
}

func TestTheLogsHaveTheNumbersOfStepsAndEpochs(t *testing.T) {
	dir := t.TempDir()
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, logs(dir))
	require.NoError(t, err)
	rows := table(t, filepath.Join(dir, "log.csv"))
	require.Len(t, rows, 9+3)
	var order []string
	for _, row := range rows {
		order = append(order, row["after"]+row["step"])
	}
	require.Equal(t, []string{"step2", "step4", "step6", "epoch6", "step8", "step10", "step12", "epoch12", "step14", "step16", "step18", "epoch18"}, order)
	epoch := rows[7]
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	require.Equal(t, map[string]string{
		"after": "epoch", "epoch": "2", "step": "12", "late, with a comma": "7",
		"loss": number(r.Epochs[1].Loss), "squared": number(r.Epochs[1].Loss), "largest": number(r.Epochs[1].Metrics["largest"]), "mse": number(r.Epochs[1].Metrics["mse"]),
		"validation loss": number(r.Epochs[1].Validation["loss"]), "validation squared": number(r.Epochs[1].Validation["loss"]),
		"validation largest": number(r.Epochs[1].Validation["largest"]), "validation mse": number(r.Epochs[1].Validation["mse"]),
		"squared/rate": epoch["squared/rate"],
	}, epoch)
	require.Equal(t, number(r.Epochs[0].Losses[3]), rows[1]["loss"])
	require.Equal(t, number(train.Cosine(0.02, 0.001)(3, 18)), rows[1]["squared/rate"])
	lines := objects(t, filepath.Join(dir, "log.jsonl"))
	require.Len(t, lines, len(rows))
	for i, row := range rows {
		require.Len(t, lines[i], len(row))
		require.Equal(t, row["loss"], number(lines[i]["loss"].(float64)))
	}
}

func TestALogHasNoRowTwiceAfterAKill(t *testing.T) {
	dir := t.TempDir()
	copies := &copier{t: t, from: dir}
	o := logs(dir)
	o.Callbacks = append(o.Callbacks, copies)
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	rows, lines := table(t, filepath.Join(dir, "log.csv")), objects(t, filepath.Join(dir, "log.jsonl"))
	for step, left := range copies.to {
		for _, name := range []string{"log.csv", "log.jsonl"} {
			path := filepath.Join(left, name)
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			half := slices.Concat(content, content[:min(len(content), 20+step)])
			require.NoError(t, os.WriteFile(path, half, 0o600))
		}
		_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, logs(left))
		require.NoError(t, err)
		require.Equal(t, rows, table(t, filepath.Join(left, "log.csv")), "killed after step %d", step+1)
		require.Equal(t, lines, objects(t, filepath.Join(left, "log.jsonl")), "killed after step %d", step+1)
	}
}

func TestALogWithoutAFileIsAnError(t *testing.T) {
	for _, c := range []train.Callback{&train.CSVLog{}, &train.JSONLines{}} {
		o := options(1)
		o.Callbacks = []train.Callback{c}
		_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
		require.ErrorContains(t, err, "the log has no file: set Path")
	}
}

func TestADryRunLeavesTheLogsAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	_, err := train.Fit(t.Context(), narrow{}, points{n: 90}, logs(dir))
	require.NoError(t, err)
	before, err := os.ReadFile(filepath.Join(dir, "log.csv"))
	require.NoError(t, err)
	o := logs(dir)
	o.DryRun = 2
	r, err := train.Fit(t.Context(), narrow{}, points{n: 90}, o)
	require.NoError(t, err)
	require.Empty(t, r.Warnings)
	after, err := os.ReadFile(filepath.Join(dir, "log.csv"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}
