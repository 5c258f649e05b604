package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func csvOf(text string, opts CSVOptions) (*Frame, error) {
	return ReadCSV(strings.NewReader(text), "t.csv", opts)
}

func frameOf(t testing.TB, text string, opts CSVOptions) *Frame {
	t.Helper()
	f, err := csvOf(text, opts)
	require.NoError(t, err)
	return f
}

const pets = "name,kind,weight,age,good\nRex,dog,30,,yes\nTom,cat,4,3,no\nJim,NA,5,7,yes\nAda,dog,21,2,yes\n"

func TestACSVFileBecomesNumbersBlocksMasksAndLabels(t *testing.T) {
	f := frameOf(t, pets, CSVOptions{Label: "good", Drop: []string{"name"}})
	require.Equal(t, []Field{{Name: "x", Shape: []int{4}}, {Name: "mask", Shape: []int{4}}, {Name: "label", Classes: 2}}, f.Fields())
	require.Equal(t, []string{"kind=cat", "kind=dog", "weight", "age"}, f.Schema.Names())
	require.Equal(t, []Block{{"kind", 0, 2}}, f.Schema.Blocks())
	require.Equal(t, []string{"no", "yes"}, f.Schema.Classes())
	for i, want := range [][][]float32{
		{{0, 1, 30, 4}, {1, 1, 1, 0}, {1}}, // the mean of 3, 7 and 2 is 4
		{{1, 0, 4, 3}, {1, 1, 1, 1}, {0}},
		{{0, 0, 5, 7}, {0, 0, 1, 1}, {1}},
		{{0, 1, 21, 2}, {1, 1, 1, 1}, {1}},
	} {
		require.Equal(t, want, read(t, f, i), i)
	}
	require.Error(t, f.Read(4, NewSample(f)))
}

func TestARowOfXGoesBackToNamedValues(t *testing.T) {
	f := frameOf(t, pets, CSVOptions{Label: "good", Drop: []string{"name"}, Other: true})
	cells, err := f.Schema.Row([]float32{.1, .2, .15, 30.5, 7}, []float32{1, 1, 1, 1, 0})
	require.NoError(t, err)
	require.Equal(t, []Cell{{Column: "kind", Text: "dog"}, {Column: "weight", Text: "30.5", Number: 30.5}, {Column: "age", Missing: true}}, cells)
	cells, err = f.Schema.Row([]float32{.1, .2, .3, 0, 0}, nil)
	require.NoError(t, err)
	require.Equal(t, OtherCategory, cells[0].Text)
	_, err = f.Schema.Row([]float32{1}, nil)
	require.ErrorContains(t, err, "x has 1 values and the mask 0, but the schema has 5 columns of x")
	_, err = (*Schema)(nil).Row(nil, nil)
	require.Error(t, err)
}

func TestFormsOfCSVReadAsTheSame(t *testing.T) {
	want := frameOf(t, pets, CSVOptions{Label: "good"})
	for name, text := range map[string]string{
		"CRLF":        strings.ReplaceAll(pets, "\n", "\r\n"),
		"BOM":         "\xef\xbb\xbf" + pets,
		"semicolons":  strings.ReplaceAll(pets, ",", ";"),
		"tabs":        strings.ReplaceAll(pets, ",", "\t"),
		"spaces":      strings.ReplaceAll(pets, ",", " , "),
		"quotes":      strings.ReplaceAll(strings.ReplaceAll(pets, "dog", `"dog"`), "Rex", `"Rex"`),
		"empty lines": strings.ReplaceAll(pets, "\n", "\n\n"),
		"no newline":  strings.TrimSuffix(pets, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			f := frameOf(t, text, CSVOptions{Label: "good"})
			require.Equal(t, want.Schema, f.Schema)
			for i := range want.Len() {
				require.Equal(t, read(t, want, i), read(t, f, i))
			}
		})
	}
	f := frameOf(t, "a;b\n\"x, \"\"y\"\"\n z\";3,5\nw;1,25\n", CSVOptions{DecimalComma: true})
	require.Equal(t, []string{"w", "x, \"y\"\n z"}, f.Schema.Columns[0].Categories)
	require.Equal(t, []float32{0, 1, 3.5}, read(t, f, 0)[0])
	f = frameOf(t, "1|2\n3|4\n", CSVOptions{Comma: '|', NoHeader: true})
	require.Equal(t, []string{"c1", "c2"}, f.Schema.Names())
	require.Equal(t, []float32{3, 4}, read(t, f, 1)[0])
}

func TestFillsAreThoseOfTheKnownValues(t *testing.T) {
	const text = "a,b\n1,x\n,x\n2,x\n9,x\n"
	for _, c := range []struct {
		opts CSVOptions
		want float32
	}{
		{CSVOptions{}, 4}, {CSVOptions{Fill: FillMean}, 4}, {CSVOptions{Fill: FillMedian}, 2}, {CSVOptions{Fill: FillConstant, FillValue: -1}, -1},
	} {
		require.Equal(t, c.want, read(t, frameOf(t, text, c.opts), 1)[0][0])
	}
	_, err := csvOf(text, CSVOptions{Fill: FillError})
	require.EqualError(t, err, `t.csv: line 3, column "a": the value is missing: remove the row, or choose another Fill`)
	_, err = csvOf("a,b\n1,x\n2,\n", CSVOptions{Fill: FillError})
	require.ErrorContains(t, err, `line 3, column "b": the value is missing`)
	_, err = csvOf(text, CSVOptions{Fill: "zero"})
	require.ErrorContains(t, err, `fill "zero": the fills are`)
	f := frameOf(t, "a\n-\n3\n", CSVOptions{Missing: []string{"-"}})
	require.Equal(t, [][]float32{{3}, {0}}, read(t, f, 0))
	f = frameOf(t, "a,b\nNA,1\nx,2\n", CSVOptions{Missing: []string{}})
	as, err := json.Marshal(f.Schema)
	require.NoError(t, err)
	var schema Schema
	require.NoError(t, json.Unmarshal(as, &schema))
	require.Equal(t, []float32{1, 0, 2}, read(t, frameOf(t, "a,b\nNA,2\n", CSVOptions{Schema: &schema}), 0)[0], "nothing is missing")
}

func TestKindsAreFoundAndCanBeForced(t *testing.T) {
	const text = "zip,n,class\n10,1,2\n9,2,10\n10,3,1\n"
	f := frameOf(t, text, CSVOptions{Kinds: map[string]ColumnKind{"zip": CategoryColumn}, Label: "class"})
	require.Equal(t, []string{"zip=9", "zip=10", "n"}, f.Schema.Names(), "numbers are sorted by value")
	require.Equal(t, []string{"1", "2", "10"}, f.Schema.Classes())
	require.Equal(t, [][]float32{{0, 1, 1}, {1, 1, 1}, {1}}, read(t, f, 0))
	for want, opts := range map[string]CSVOptions{
		`t.csv: line 2, column "name": "Rex" is not a number`:               {Kinds: map[string]ColumnKind{"name": NumberColumn}},
		`t.csv: no column "size"; the columns are "name", "kind", "weight"`: {Label: "size"},
		`t.csv: no column "colour"`:                                         {Drop: []string{"colour", "size"}},
		`column "age": kind "date": the kinds are`:                          {Kinds: map[string]ColumnKind{"age": "date"}},
		`t.csv: line 4, column "name": more than 2 different texts: put`:    {MaxCategories: 2},
		`t.csv: line 2, column "age": the label is missing: remove the row`: {Label: "age"},
		`no column of numbers or categories is left`:                        {Drop: []string{"name", "kind", "weight", "age", "good"}},
		"there are 2 label columns":                                         {Label: "age", Kinds: map[string]ColumnKind{"good": LabelColumn}},
		"option Unlabelled is set without":                                  {Unlabelled: true},
		`a separator '"' is not possible`:                                   {Comma: '"'},
	} {
		_, err := csvOf(pets, opts)
		require.ErrorContains(t, err, want)
	}
}

func TestASchemaReadsAnotherFileInTheSameWay(t *testing.T) {
	train := frameOf(t, pets, CSVOptions{Label: "good", Drop: []string{"name"}})
	text, err := json.Marshal(train.Schema)
	require.NoError(t, err)
	var schema Schema
	require.NoError(t, json.Unmarshal(text, &schema))
	require.Equal(t, train.Schema, schema)

	test := frameOf(t, "kind;weight;age;good\ndog;;1.0;no\n?;3;4;yes\n", CSVOptions{Schema: &schema})
	require.Equal(t, train.Fields(), test.Fields())
	require.Equal(t, [][]float32{{0, 1, 15, 1}, {1, 1, 0, 1}, {0}}, read(t, test, 0), "the mean weight is that of the training set")
	test = frameOf(t, "name,kind,weight,age\nEva,dog,7,1\n", CSVOptions{Schema: &schema, Unlabelled: true})
	require.Len(t, test.Fields(), 2)
	require.Equal(t, [][]float32{{0, 1, 7, 1}, {1, 1, 1, 1}}, read(t, test, 0))
	test = frameOf(t, "kind,weight,age,good\ndog,7,1,no\n", CSVOptions{Schema: &schema, Unlabelled: true})
	require.Len(t, test.Fields(), 3)

	for want, text := range map[string]string{
		`t.csv: line 2, column "kind": there is no category "cow"; they are "cat", "dog"`:                        "kind,weight,age,good\ncow,1,1,yes\n",
		`t.csv: line 2, column "good": there is no class "maybe"; they are "no", "yes"`:                          "kind,weight,age,good\ndog,1,1,maybe\n",
		`t.csv: line 2, column "age": "old" is not a number`:                                                     "kind,weight,age,good\ndog,1,old,yes\n",
		`t.csv: column "age" is missing; the columns are "kind", "weight", "good"`:                               "kind,weight,good\ndog,1,yes\n",
		`t.csv: column "good" is missing`:                                                                        "kind,weight,age\ndog,1,1\n",
		`t.csv: the columns are in another order than in the schema: column 1 is "weight", but "kind" is wanted`: "weight,kind,age,good\n1,dog,1,yes\n",
		`t.csv: column "size" is not in the schema: remove it`:                                                   "kind,size,weight,age,good\ndog,1,1,1,yes\n",
		`t.csv: column "last" is not in the schema`:                                                              "kind,weight,age,good,last\ndog,1,1,yes,1\n",
	} {
		_, err := csvOf(text, CSVOptions{Schema: &schema})
		require.ErrorContains(t, err, want)
	}
	_, err = csvOf(pets, CSVOptions{Schema: &schema, Label: "good"})
	require.ErrorContains(t, err, "options besides Schema are set")
	for want, bad := range map[string]Schema{
		"no column of numbers":         {},
		`there are two columns "a"`:    {Columns: []Column{{Name: "a", Kind: NumberColumn}, {Name: "a", Kind: NumberColumn}}},
		`column "a": kind ""`:          {Columns: []Column{{Name: "a"}}},
		`column "a": 0 categories`:     {Columns: []Column{{Name: "a", Kind: CategoryColumn}}},
		`category "b" is listed twice`: {Columns: []Column{{Name: "a", Kind: CategoryColumn, Categories: []string{"b", "b"}}}},
		`column "a": a fill of NaN`:    {Columns: []Column{{Name: "a", Kind: NumberColumn, Fill: nan()}}},
	} {
		_, err := csvOf(pets, CSVOptions{Schema: &bad})
		require.ErrorContains(t, err, "t.csv: the schema: ")
		require.ErrorContains(t, err, want)
	}
}

func TestUnseenCategoriesMayHaveACategoryOfTheirOwn(t *testing.T) {
	train := frameOf(t, pets, CSVOptions{Drop: []string{"name", "good"}, Other: true})
	require.Equal(t, []string{"kind=cat", "kind=dog", "kind=(other)", "weight", "age"}, train.Schema.Names())
	test := frameOf(t, "kind,weight,age\ncow,500,6\n", CSVOptions{Schema: &train.Schema})
	require.Equal(t, []float32{0, 0, 1, 500, 6}, read(t, test, 0)[0])
}

func TestCSVErrorsNameLineAndColumn(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "t.csv: the file is empty",
		"a,b\n":                   `t.csv: column "a" has no values`,
		"a,b\n1,2\n3\n":           "t.csv: line 3: 1 values, but the first line has 2: is the separator ',' right?",
		"a,b\n1,\"2\n":            `t.csv: line 2`,
		"a,b\n1,2\"3\n":           `line 2, byte 4: bare " in non-quoted-field: a value with quotes is quoted`,
		"a,b,a\n1,2,3\n":          `t.csv: columns 1 and 3 are both called "a": give each a name of its own, or set NoHeader`,
		"a,b\n1,inf\n":            `t.csv: line 2, column "b": "inf" is not a finite float32`,
		"a,b\n1,2\n1,1e40\n":      `t.csv: line 3, column "b": "1e40" is not a finite float32`,
		"a,b\n1,\n2,NA\n":         `t.csv: column "b" has no values: put it into Drop`,
		"\xff\xfea\x00,\x00":      "the text is UTF-16: save it as UTF-8",
		"<!DOCTYPE html>":         "it is an HTML page",
		"PK\x03\x04\x00":          "it is a zip archive",
		string(gz([]byte("a,b"))): "it is a gzip: unpack it with gunzip",
		"a,b\n\xe9,2\n":           "line 2 is not UTF-8: save the file as UTF-8",
		"a,b\n1,\x00\n":           "byte 6 is 0",
	} {
		_, err := csvOf(text, CSVOptions{})
		require.ErrorContains(t, err, want, text)
	}
	_, err := csvOf("a,b\n", CSVOptions{Drop: []string{"a"}, Kinds: map[string]ColumnKind{"b": NumberColumn}})
	require.EqualError(t, err, "t.csv: there are no rows")
}

func TestOpenCSVNamesThePath(t *testing.T) {
	_, err := OpenCSV(filepath.Join(t.TempDir(), "none.csv"), CSVOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadCSV(nil, "t.csv", CSVOptions{})
	require.ErrorIs(t, err, errNoReader)
	_, err = ReadCSV(iotest.ErrReader(errors.New("unplugged")), "t.csv", CSVOptions{})
	require.EqualError(t, err, "t.csv: unplugged")
	path := filepath.Join(t.TempDir(), "a.csv")
	require.NoError(t, os.WriteFile(path, []byte(pets), 0o644))
	f, err := OpenCSV(path, CSVOptions{})
	require.NoError(t, err)
	require.Equal(t, path, f.Name)
	require.Equal(t, 4, f.Len())
	require.Zero(t, (&Frame{}).Len())
	require.Error(t, (&Frame{}).Read(0, nil))
}

// TestTheTablesOfUCIAreWhatTheyShouldBe reads tables on which imputation is compared.
func TestTheTablesOfUCIAreWhatTheyShouldBe(t *testing.T) {
	dir := os.Getenv("STHENO_DATA")
	if dir == "" {
		t.Skip("STHENO_DATA is not set: name the folder that holds imputation and timeseries in it")
	}
	for name, want := range map[string][2]int{"letter": {20000, 16}, "spam": {4601, 57}} {
		path := filepath.Join(dir, "imputation", name+".csv")
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no %s", path)
		}
		f, err := OpenCSV(path, CSVOptions{})
		require.NoError(t, err)
		require.Equal(t, want, [2]int{f.Len(), f.Schema.Width()})
		require.Empty(t, f.Schema.Blocks())
	}
	path := filepath.Join(dir, "timeseries", "ecg5000", "ECG5000_TRAIN.arff")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s", path)
	}
	f, err := OpenARFF(path, ARFFOptions{Label: "target"})
	require.NoError(t, err)
	require.Equal(t, []int{500, 140}, []int{f.Len(), f.Schema.Width()})
	for class, want := range []int{292, 177, 10, 19, 2} {
		require.Equal(t, want, must(OfClasses(f, "label", class))(t).Len(), fmt.Sprint("class ", class+1))
	}
}

// checkFrame reads all of a frame, and each row back as named values.
func checkFrame(t *testing.T, f *Frame) {
	sample := NewSample(f)
	width := f.Schema.Width()
	require.Len(t, f.Schema.Names(), width)
	for i := range min(f.Len(), 100) {
		require.NoError(t, f.Read(i, sample))
		cells, err := f.Schema.Row(sample[0], sample[1])
		require.NoError(t, err)
		k := 0
		for _, c := range f.Schema.Columns {
			if c.width() > 0 {
				require.Equal(t, c.Name, cells[k].Column)
				k++
			}
		}
		require.Len(t, cells, k)
	}
}

// FuzzCSV reads any text as a CSV file: no panic, no memory beyond what the text holds, and the schema reads the same file
// as the same rows.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"", pets, "a;b\r\n1,5;x\r\n", "\xef\xbb\xbfa\tb\n\t\"q\"\"q\"\n", "a,b\n1,2\n3\n", "1,2\n3,4\n", "a\n\"", "x,y\n1e30,nan\n"} {
		for mode := range byte(8) {
			f.Add([]byte(seed), mode)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, mode byte) {
		opts := CSVOptions{NoHeader: mode&1 != 0, Fill: []Fill{"", FillMedian, FillConstant, FillError}[mode>>1&3], Other: mode&8 != 0, DecimalComma: mode&16 != 0}
		var frame *Frame
		var err error
		bounded(t, len(text), 2000, 1<<18, func() { frame, err = csvOf(string(text), opts) })
		if err != nil {
			return
		}
		checkFrame(t, frame)
		as, err := json.Marshal(frame.Schema)
		require.NoError(t, err)
		var schema Schema
		require.NoError(t, json.Unmarshal(as, &schema))
		require.Equal(t, frame.Schema, schema)
		again, err := csvOf(string(text), CSVOptions{Schema: &schema})
		require.NoError(t, err)
		require.Equal(t, frame.Len(), again.Len())
		for i := range min(again.Len(), 100) {
			require.Equal(t, read(t, frame, i), read(t, again, i))
		}
	})
}
