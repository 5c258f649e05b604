// What is wrong in a results.json that cannot be read.

package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// blame adds to an error of reading a text as Results where it is: the run and
// its key, or the line, of what is no JSON at all, such as a NaN.
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
			one, _ := json.Marshal(map[string]json.RawMessage{key: run[key]}) // what was unmarshalled can be marshalled
			if bad := json.Unmarshal(one, new(Run)); bad != nil {
				return fmt.Errorf("run %d, model %s, backend %s: %s is %s: %w", i, run["model"], run["backend"], key, run[key], bad)
			}
		}
	}
	return err
}
