// results.json: writing and reading.

package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// WriteJSON writes the results as results.json, version Schema. Figures that
// are unknown or not finite are null; their run's error names those that are
// not finite.
func WriteJSON(w io.Writer, r Results) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r.finite()); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// ReadJSON reads what WriteJSON wrote. It ignores unknown keys; another schema,
// or anything after the results, is an error.
func ReadJSON(r io.Reader) (Results, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return Results{}, fmt.Errorf("read results: %w", err)
	}
	var res Results
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&res); err != nil {
		return Results{}, fmt.Errorf("read results: %w", blame(text, err))
	}
	if res.Schema != Schema {
		return Results{}, fmt.Errorf("read results: the file has schema %d and this program reads %d: use the program that wrote it", res.Schema, Schema)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Results{}, fmt.Errorf("read results: there is more after the results, at byte %d", d.InputOffset())
	}
	return res, nil
}
