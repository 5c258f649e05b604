package recommend

import "context"

// Popular scores an item by the number of users who have it: what any method must beat.
type Popular struct{}

// Fit counts.
func (Popular) Fit(_ context.Context, u *Users) (Model, error) {
	if err := inRange(u.Of, len(u.Items)); err != nil {
		return nil, err
	}
	p := popular(make([]float64, len(u.Items)))
	for _, of := range u.Of {
		for _, item := range of {
			p[item]++
		}
	}
	return p, nil
}

type popular []float64

func (p popular) Scores(of [][]int) ([][]float64, error) {
	out := make([][]float64, len(of))
	for i := range out {
		out[i] = append([]float64(nil), p...)
	}
	return out, nil
}
