package train

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSONLines is a callback that writes a JSON object on a line of its own for each epoch
// and, if asked for, for some steps:
//
//	{"after":"epoch","epoch":1,"step":118,"seconds":2.5,"samples/s":6000,"loss":0.2,"validation loss":0.19,"elbo/rate":0.001}
//
// The names are those of CSVLog. A number that is not finite is a text, such as "NaN".
// When training is resumed, lines of later steps than the checkpoint's are dropped. A
// training that is not resumed begins the file anew. A line that cannot be written is a
// warning.
type JSONLines struct {
	Base
	// Path is the file. Its folder is created if it does not exist.
	Path string
	// EverySteps, if above 0, adds a line after every so many steps.
	EverySteps int

	file  logFile
	meter meter
}

// Reports does nothing: see Reporter.
func (*JSONLines) Reports() {}

// Start begins or mends the file.
func (l *JSONLines) Start(r *Run) error {
	l.meter.start()
	return l.file.begin(r, l.Path, func(line []byte) bool {
		var at struct {
			After string `json:"after"`
			Epoch int    `json:"epoch"`
			Step  int    `json:"step"`
		}
		if json.Unmarshal(line, &at) != nil {
			return false
		}
		return logRow{after: at.After, epoch: at.Epoch, step: at.Step}.seenBy(r)
	})
}

// Step writes a line where one is due.
func (l *JSONLines) Step(r *Run) error {
	l.meter.count(r)
	if l.EverySteps > 0 && r.Steps%l.EverySteps == 0 {
		return l.write(r, l.meter.stepRow(r))
	}
	return nil
}

// Epoch writes a line.
func (l *JSONLines) Epoch(r *Run) error { return l.write(r, l.meter.epochRow(r)) }

// End closes the file.
func (l *JSONLines) End(*Run, error) error { return l.file.close() }

func (l *JSONLines) write(r *Run, row logRow) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"%s":%q,"%s":%d,"%s":%d`, columnAfter, row.after, columnEpoch, row.epoch, columnStep, row.step)
	for _, n := range row.numbers {
		name, err := json.Marshal(n.name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(number(n.value))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, ",%s:%s", name, value)
	}
	b.WriteString("}\n")
	l.file.write(r, b.Bytes())
	return nil
}
