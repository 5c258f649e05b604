package data

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func arffOf(text string, opts ARFFOptions) (*Frame, error) {
	return ReadARFF(strings.NewReader(text), "t.arff", opts)
}

const petsARFF = `% animals
@RELATION pets
@attribute name string
@attribute 'the kind' {dog, 'big cat', "a \"q\"", it\s, ?} % a list
@attribute	weight	REAL
@attribute age numeric
@attribute good{no,yes}

@DATA
Rex, dog, 30, ?, yes
% a comment
'T\'om', 'big cat' , 4,3,no % another
Jim	?	5	7	yes
Ada,"a \"q\"",21,2,yes
Eva,'?',21,2,yes
`

func TestAnARFFFileBecomesNumbersBlocksMasksAndLabels(t *testing.T) {
	for _, text := range []string{petsARFF, strings.ReplaceAll(petsARFF, "\n", "\r\n")} {
		f, err := arffOf(text, ARFFOptions{Label: "good", Drop: []string{"name"}, Fill: FillMedian})
		require.NoError(t, err)
		require.Equal(t, []string{"the kind=dog", "the kind=big cat", `the kind=a "q"`, `the kind=it\s`, "the kind=?", "weight", "age"}, f.Schema.Names())
		require.Equal(t, []string{"no", "yes"}, f.Schema.Classes())
		require.Equal(t, 5, f.Len())
		require.Equal(t, [][]float32{{1, 0, 0, 0, 0, 30, 2.5}, {1, 1, 1, 1, 1, 1, 0}, {1}}, read(t, f, 0))
		require.Equal(t, [][]float32{{0, 1, 0, 0, 0, 4, 3}, {1, 1, 1, 1, 1, 1, 1}, {0}}, read(t, f, 1))
		require.Equal(t, [][]float32{{0, 0, 0, 0, 0, 5, 7}, {0, 0, 0, 0, 0, 1, 1}, {1}}, read(t, f, 2))
		require.Equal(t, []float32{0, 0, 1, 0, 0, 21, 2}, read(t, f, 3)[0])
		require.Equal(t, []float32{0, 0, 0, 0, 1, 21, 2}, read(t, f, 4)[0], "a quoted ? is a text")
	}
}

func TestSparseRowsLeaveOutZerosAndFirstCategories(t *testing.T) {
	const text = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@attribute c numeric\n@attribute class {p,q}\n@data\n"
	for name, rows := range map[string]string{
		"all sparse": "{}\n{0 1.5, 1 y,3 q}\n{2 ?}\n{1 ?, 2 9}\n{2 6}\n",
		"mixed":      "0,x,0,p\n1.5,y,0,q\n{2 ?}\n{1 ?, 2 9}\n0,x,6,p\n",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := arffOf(text+rows, ARFFOptions{Label: "class"})
			require.NoError(t, err)
			require.Equal(t, 5, f.Len())
			for i, want := range [][][]float32{
				{{0, 1, 0, 0}, {1, 1, 1, 1}, {0}},
				{{1.5, 0, 1, 0}, {1, 1, 1, 1}, {1}},
				{{0, 1, 0, 3.75}, {1, 1, 1, 0}, {0}}, // the mean of 0, 0, 9 and 6
				{{0, 0, 0, 9}, {1, 0, 0, 1}, {0}},
				{{0, 1, 0, 6}, {1, 1, 1, 1}, {0}},
			} {
				require.Equal(t, want, read(t, f, i), i)
			}
			f, err = arffOf(text+rows, ARFFOptions{Label: "class", Fill: FillMedian})
			require.NoError(t, err)
			require.Equal(t, float32(3), read(t, f, 2)[0][3], "the median of 0, 0, 6 and 9")
		})
	}
}

func TestASchemaOfARFFReadsACSVFile(t *testing.T) {
	train, err := arffOf(petsARFF, ARFFOptions{Label: "good", Drop: []string{"name"}})
	require.NoError(t, err)
	test := frameOf(t, "the kind,weight,age,good\ndog,1,2,no\n", CSVOptions{Schema: &train.Schema})
	require.Equal(t, train.Fields(), test.Fields())
	again, err := arffOf(petsARFF, ARFFOptions{Schema: &train.Schema})
	require.NoError(t, err)
	require.Equal(t, read(t, train, 0), read(t, again, 0))
}

func TestARFFErrorsNameLineAndAttribute(t *testing.T) {
	const head = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n"
	for text, want := range map[string]string{
		"":                                       "t.arff: there is no line @data",
		"@data\n":                                "t.arff: there are no attributes",
		"a,b\n1,2\n":                             `t.arff: line 1: "a,b", where @relation, @attribute or @data is wanted: is it an ARFF file?`,
		"@attribute\n":                           "line 1: a value is missing",
		"@attribute a\n":                         `line 1: attribute "a" has no type`,
		"@attribute a {x\n":                      `line 1: attribute "a": a list of categories ends in }`,
		"@attribute a {x} y\n":                   `attribute "a": "y" follows its categories`,
		"@attribute a {x,x}\n@data\nx\n":         `column "a": category "x" is listed twice`,
		"@attribute a real\n@attribute a real\n": `line 2: there are two attributes "a"`,
		"@attribute a date yyyy\n@data\n":        `t.arff: line 1: attribute "a" is of type "date", which cannot be read: put it into Drop`,
		head:                                     "t.arff: there are no rows",
		head + "1\n":                             "t.arff: line 5: 1 values, but there are 2 attributes",
		head + "1,x,2,3\n":                       "3 values or more, but there are 2 attributes",
		head + "1,x\n\n1,,x\n":                   `line 7: ",", where a value is wanted; a missing one is ?`,
		head + "1,'x\n":                          `the quote '\'' has no end in its line`,
		head + "1,x,{5}\n":                       "a weight in {} follows the row: remove it",
		head + "1,z\n":                           `t.arff: line 5, column "b": there is no category "z"; they are "x", "y"`,
		head + "one,x\n":                         `t.arff: line 5, column "a": "one" is not a number: its attribute is numeric`,
		head + "{0 1\n":                          "a sparse row ends in }",
		head + "{0}\n":                           `the value of index 0: "}", where a value is wanted`,
		head + "{2 1}\n":                         `an index "2"; they rise, from 0 to at most 1`,
		head + "{1 x, 0 2}\n":                    `an index "0"; they rise`,
		head + "{a 1}\n":                         `an index "a"`,
		head + "{0 1} 2\n":                       `"2" follows the row: remove it`,
		"<html>":                                 "it is an HTML page",
	} {
		_, err := arffOf(text, ARFFOptions{})
		require.ErrorContains(t, err, want, text)
	}
	_, err := ReadARFF(nil, "t.arff", ARFFOptions{})
	require.ErrorIs(t, err, errNoReader)
	_, err = OpenARFF(filepath.Join(t.TempDir(), "none.arff"), ARFFOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = arffOf(petsARFF, ARFFOptions{Label: "good", Schema: &Schema{}})
	require.ErrorContains(t, err, "options besides Schema")
}

// FuzzARFF reads any text as an ARFF file: no panic, no memory beyond what the text holds, and the schema reads the same
// file as the same rows.
func FuzzARFF(f *testing.F) {
	for _, seed := range []string{
		"", petsARFF, "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n{}\n{0 1.5, 1 y}\n1,x\n", "@attribute a real\n@data\n?\n", "@data", "@attribute '\\", "@attribute a {",
	} {
		f.Add([]byte(seed), byte(0))
		f.Add([]byte(seed), byte(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, mode byte) {
		opts := ARFFOptions{Fill: []Fill{"", FillMedian, FillConstant, FillError}[mode&3], Drop: []string{"name"}, Label: "good", Other: mode&8 != 0}
		if mode&4 != 0 {
			opts.Drop, opts.Label = nil, ""
		}
		var frame *Frame
		var err error
		bounded(t, len(text), 2000, 1<<18, func() { frame, err = arffOf(string(text), opts) })
		if err != nil {
			return
		}
		checkFrame(t, frame)
		again, err := arffOf(string(text), ARFFOptions{Schema: &frame.Schema})
		require.NoError(t, err)
		for i := range min(again.Len(), 100) {
			require.Equal(t, read(t, frame, i), read(t, again, i))
		}
	})
}
