// Fields of measurements in units of their own, brought to one scale.

package data

import "fmt"

// Standardize returns a set in which each value v of a sample's field is
//
//	(v - mean) / deviation
//
// by the mean and the standard deviation of that value, such as a column of a table, over the samples of another set
// with such a field: for a test set that is the training set, for the training set itself. A value that is the same in
// all of these samples is only brought to 0. One that is not finite there is an error that names the sample. It is the
// Scaler of kind Standard, fitted and applied; use that to keep the numbers with a model.
func Standardize(set Set, field string, by Set) (Set, error) {
	if _, err := FieldOf(set, field); err != nil {
		return nil, fmt.Errorf("standardize: %w", err)
	}
	s, err := fitScaler(by, field, ScaleOptions{})
	if err != nil {
		return nil, fmt.Errorf("standardize: %w", err)
	}
	out, err := s.apply(set)
	if err != nil {
		return nil, fmt.Errorf("standardize: %w", err)
	}
	return out, nil
}
