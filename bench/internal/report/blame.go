// Errors of a results.json that cannot be read.

package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// blame adds its place to an error of reading text as Results: the run and its
// key or, if the text is not JSON, such as a NaN, the line.
func blame(text []byte, err error) error {
	if wrong := (*json.SyntaxError)(nil); errors.As(err, &wrong) {
		at := min(int(wrong.Offset), len(text))
		start := strings.LastIndexByte(string(text[:at]), '\n') + 1
		line := string(text[max(start, at-60):at])
		return fmt.Errorf("line %d, at the end of %s: %w", strings.Count(string(text[:start]), "\n")+1, strings.TrimSpace(line), err)
	}
	var raw struct {
		Runs []map[string]json.RawMessage `json:"runs"`
	}
	if json.Unmarshal(text, &raw) != nil {
		return err
	}
	for i, run := range raw.Runs {
		for _, key := range slices.Sorted(maps.Keys(run)) {
			one, _ := json.Marshal(map[string]json.RawMessage{key: run[key]}) // it was unmarshalled, so it can be marshalled
			if bad := json.Unmarshal(one, new(Run)); bad != nil {
				return fmt.Errorf("run %d, model %s, backend %s: %s is %s: %w", i, run["model"], run["backend"], key, run[key], bad)
			}
		}
	}
	return err
}
