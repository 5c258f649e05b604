// Tables: rows of numbers, and the class of each.

package data

import "fmt"

// Table returns the rows of a table as a set: x [n,features] is the field "x", and label [n] or [n,1] the field
// "label", whatever the arrays' names. Labels are whole numbers from 0; Classes is the largest plus one, unless the
// array sets it. Without labels, give Array{}. The set reads the values in place.
//
//	set, err := data.Table(data.Array{Shape: []int{21}, Values: rows}, data.Labels(classes)) // fields x [21] and label
func Table(x, label Array) (Set, error) {
	if len(x.Shape) != 1 {
		return nil, fmt.Errorf("table: array %q has samples of shape %v; rows are wanted, such as [21]", x.Name, x.Shape)
	}
	x.Name = "x"
	arrays := []Array{x}
	if label.Values != nil {
		if len(label.Shape) > 1 || label.field().Size() != 1 {
			return nil, fmt.Errorf("table: array %q has samples of shape %v; one label a row is wanted", label.Name, label.Shape)
		}
		label.Name, label.Shape = "label", nil
		if label.Classes == 0 {
			label.Classes = classesOf(label.Values)
		}
		arrays = append(arrays, label)
	}
	set, err := inMemory(arrays)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return set, nil
}

// Table returns a set of the rows in one array and the labels in another, as the function Table does. Without labels, the
// second name is "".
//
//	file, err := data.OpenNPZ("6_cardio.npz")
//	set, err := file.Table("X", "y") // fields x [21] and label
func (f *NPZ) Table(x, label string) (Set, error) {
	return tableOf(f.Name, f.Array, x, label)
}

// tableOf is the table of two arrays of a file.
func tableOf(file string, array func(string) (Array, error), x, label string) (Set, error) {
	rows, err := array(x)
	if err != nil {
		return nil, err
	}
	var labels Array
	if label != "" {
		if labels, err = array(label); err != nil {
			return nil, err
		}
	}
	set, err := Table(rows, labels)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return set, nil
}

// classesOf is the number of classes by the labels, at least one.
func classesOf(labels []float32) int {
	most := float32(0)
	for _, v := range labels {
		if v > most {
			most = v
		}
	}
	return int(min(most, maxClasses-1)) + 1
}
