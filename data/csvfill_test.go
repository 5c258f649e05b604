package data

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMissingCellsOfACSVFileAreFilled(t *testing.T) {
	const text = "a;note;kind;y\n1,50;x;red;p\n?;;blue;\n \"3\";\"q;r\";NA;p\n"
	f, err := csvOf(text, CSVOptions{DecimalComma: true, Label: "y", Drop: []string{"note"}})
	if err != nil { // a missing label is an error: that column is left out then
		f, err = csvOf(text, CSVOptions{DecimalComma: true, Drop: []string{"note", "y"}})
	}
	require.NoError(t, err)
	var out bytes.Buffer
	rows := [][]float32{{9, 9, 9}, {2.25, 0, 1}, {9, .25, .75}}
	require.NoError(t, FillCSV(&out, strings.NewReader(text), "t.csv", &f.Schema, func(i int) []float32 { return rows[i] }))
	require.Equal(t, "a;note;kind;y\n1,50;x;red;p\n2,25;;blue;\n3;\"q;r\";red;p\n", out.String())
	require.ErrorContains(t, FillCSV(&out, strings.NewReader(""), "t.csv", &f.Schema, nil), "t.csv: the file is empty")
	require.ErrorContains(t, FillCSV(&out, strings.NewReader(text), "t.csv", nil, nil), "no schema")
	require.ErrorContains(t, FillCSV(&out, strings.NewReader(text), "t.csv", &f.Schema, func(int) []float32 { return nil }), "x has 0 values")
}
