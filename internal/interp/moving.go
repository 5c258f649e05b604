package interp

import "github.com/stheno-ml/stheno/lower"

// runSliceAt copies the slice that the bounds select.
func runSliceAt[T lower.Float](p lower.SliceAt, x, bounds, out lower.Array[T]) error {
	start, step, err := lower.ReadSlice(bounds.Elements(), p.Count, x.Shape[p.Axis])
	if err != nil {
		return err
	}
	v := lower.View(lower.Slice{Axis: p.Axis, Start: start, Step: step}, x, out.Shape)
	v.CopyRange(out.Data, 0)
	return nil
}

// runPlaceAt copies the operand into the slice of out that the bounds select; out has
// zeros.
func runPlaceAt[T lower.Float](p lower.PlaceAt, x, bounds, out lower.Array[T]) error {
	n := x.Shape[p.Axis]
	start, step, err := lower.ReadSlice(bounds.Elements(), n, p.Extent)
	if err != nil {
		return err
	}
	outer, inner := x.Shape[:p.Axis].Size(), x.Shape[p.Axis+1:].Size()
	src := x.Elements()
	for o := range outer {
		for i := range n {
			at := (o*p.Extent + start + i*step) * inner
			src = src[copy(out.Data[at:at+inner], src):]
		}
	}
	return nil
}
