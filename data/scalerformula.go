// Scalers in numbers, for programs that scale by other means.

package data

// A ScalerFormula is what a Scaler computes. A sample is divided into Parts of as many values each, one after the other.
// A value v of part g becomes (u - Center[g]) / Width[g] + Min, where u is log(1 + v) if Log is true, else v.
type ScalerFormula struct {
	Kind  ScaleKind
	Log   bool
	Size  int // values of a sample
	Parts int
	// Center and Width have a number for each part. They are nil for the kinds of a sample, of which
	//
	//	SampleStandard: Center is the part's mean, Width its deviation
	//	SampleMinMax: Center is the part's least value, Width its range over Max - Min
	//
	// and a Width of 0 is 1.
	Center, Width []float64
	Min, Max      float64
}

// Formula returns the formula with copies of its numbers. A scaler that was not made is an error.
func (s *Scaler) Formula() (ScalerFormula, error) {
	if err := s.made(); err != nil {
		return ScalerFormula{}, err
	}
	return ScalerFormula{
		Kind: s.kind, Log: s.log, Size: s.field.Size(), Parts: s.parts(),
		Center: append([]float64(nil), s.center...), Width: append([]float64(nil), s.width...), Min: s.min, Max: s.max,
	}, nil
}
