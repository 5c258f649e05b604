// The values of a whole set in memory.

package data

import "fmt"

// ArrayOf reads a field of all samples of a set, as a model's functions take them; those of the first 100 are
//
//	x, err := data.ArrayOf(data.Limit(set, 100), "x") // x.Values are [100, x.Shape...]
//
// Its values are the caller's. An error of the set names the sample.
func ArrayOf(set Set, field string) (Array, error) {
	a, err := arrayOf(set, field)
	if err != nil {
		return Array{}, fmt.Errorf("array of a field: %w", err)
	}
	return a, nil
}

func arrayOf(set Set, field string) (Array, error) {
	in, err := layoutOf(set)
	if err != nil {
		return Array{}, err
	}
	at, err := find(in.fields, field)
	if err != nil {
		return Array{}, err
	}
	f, size, n := in.fields[at], in.sizes[at], max(0, set.Len())
	if n > maxVolume/size {
		return Array{}, fmt.Errorf("field %s of %d samples has more than %d values: take a Subset", f, n, maxVolume)
	}
	a := Array{Name: f.Name, Shape: f.Shape, Classes: f.Classes, Values: make([]float32, n*size)}
	sample := in.room(1)
	for i := range n {
		sample[at] = a.Values[i*size : (i+1)*size]
		if err := set.Read(i, sample); err != nil {
			return Array{}, fmt.Errorf("sample %d: %w", i, err)
		}
	}
	return a, nil
}
