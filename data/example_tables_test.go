package data_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stheno-ml/stheno/data"
)

// A table with texts and gaps becomes numbers. The test set is read by the training set's schema, which may have gone
// through JSON.
func ExampleReadCSV() {
	train, err := data.ReadCSV(strings.NewReader("kind,weight,good\ndog,30,yes\ncat,4,no\ndog,,yes\n"), "train.csv", data.CSVOptions{Label: "good"})
	check(err)
	fmt.Println(train.Schema.Names(), train.Schema.Classes())
	show(train, nil)

	text, err := json.Marshal(train.Schema)
	check(err)
	var schema data.Schema
	check(json.Unmarshal(text, &schema))
	show(data.ReadCSV(strings.NewReader("kind,weight,good\ncat,?,no\n"), "test.csv", data.CSVOptions{Schema: &schema}))
	_, err = data.ReadCSV(strings.NewReader("kind,weight,good\ncow,500,no\n"), "new.csv", data.CSVOptions{Schema: &schema})
	fmt.Println(err)
	// Output:
	// [kind=cat kind=dog weight] [no yes]
	// [x [3] mask [3] label [] of 2 classes]
	// [[0 1 30] [1 1 1] [1]]
	// [[1 0 4] [1 1 1] [0]]
	// [[0 1 17] [1 1 0] [1]]
	// [x [3] mask [3] label [] of 2 classes]
	// [[1 0 17] [1 1 0] [0]]
	// new.csv: line 2, column "kind": there is no category "cow"; they are "cat", "dog"
}

func ExampleOpenCSV() {
	path := filepath.Join(scratch(), "pets.csv")
	defer os.RemoveAll(filepath.Dir(path))
	check(os.WriteFile(path, []byte("Rex;12,5\nTom;4\n"), 0o644))
	show(data.OpenCSV(path, data.CSVOptions{NoHeader: true, DecimalComma: true, Drop: []string{"c1"}}))
	// Output:
	// [x [1] mask [1]]
	// [[12.5] [1]]
	// [[4] [1]]
}

// A softmax belongs on each block.
func ExampleSchema_Blocks() {
	frame, err := data.ReadCSV(strings.NewReader("size,kind,colour\n1,dog,red\n2,cat,blue\n3,cat,green\n"), "t.csv", data.CSVOptions{})
	check(err)
	for _, b := range frame.Schema.Blocks() {
		fmt.Printf("%s: columns %d to %d of x\n", b.Column, b.From, b.To-1)
	}
	// Output:
	// kind: columns 1 to 2 of x
	// colour: columns 3 to 5 of x
}

// What a model computes goes back to named values.
func ExampleSchema_Row() {
	frame, err := data.ReadCSV(strings.NewReader("size,kind\n1,dog\n2,cat\n"), "t.csv", data.CSVOptions{})
	check(err)
	cells, err := frame.Schema.Row([]float32{1.5, .2, .8}, nil)
	check(err)
	for _, c := range cells {
		fmt.Println(c.Column, c.Text)
	}
	// Output:
	// size 1.5
	// kind dog
}

func ExampleReadARFF() {
	text := "@relation pets\n@attribute weight numeric\n@attribute kind {dog, cat}\n@data\n30, dog\n?, cat\n{0 4, 1 cat}\n"
	show(data.ReadARFF(strings.NewReader(text), "pets.arff", data.ARFFOptions{Label: "kind"}))
	// Output:
	// [x [1] mask [1] label [] of 2 classes]
	// [[30] [1] [0]]
	// [[17] [0] [1]]
	// [[4] [1] [1]]
}
