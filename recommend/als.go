package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// ALS factors the matrix of users and items by alternating least squares (Hu, Koren and
// Volinsky 2008). A user has the vector x and an item y, of Factors numbers each, with
// x.y near 1 if the user has the item and near 0 if not; what they have weighs 1 + Alpha.
type ALS struct {
	// Factors is the number of factors; 0 means 64.
	Factors int
	// Iterations is the number of rounds; 0 means 15.
	Iterations int
	// Alpha is the further weight of items that a user has; 0 means 10.
	Alpha float64
	// Ridge is the weight of the squares of the factors; 0 means 10.
	Ridge float64
	// Seed determines the first factors.
	Seed uint64
}

// Fit alternates.
func (a ALS) Fit(ctx context.Context, u *Users) (Model, error) {
	if a.Factors < 0 || a.Iterations < 0 || a.Alpha < 0 || a.Ridge < 0 {
		return nil, fmt.Errorf("recommend: ALS of %d factors, %d iterations, alpha %g, ridge %g: none can be negative", a.Factors, a.Iterations, a.Alpha, a.Ridge)
	}
	if err := inRange(u.Of, len(u.Items)); err != nil {
		return nil, err
	}
	a.Factors, a.Iterations, a.Alpha, a.Ridge = cmp.Or(a.Factors, 64), cmp.Or(a.Iterations, 15), cmp.Or(a.Alpha, 10), cmp.Or(a.Ridge, 10)
	users := make([][]int, len(u.Items)) // of each item
	for i, of := range u.Of {
		for _, item := range of {
			users[item] = append(users[item], i)
		}
	}
	r := rand.New(rand.NewPCG(a.Seed, 1))
	items := mat.NewDense(len(u.Items), a.Factors, nil)
	for i := range len(u.Items) * a.Factors {
		items.Set(i/a.Factors, i%a.Factors, r.NormFloat64()*0.1)
	}
	for range a.Iterations {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		of, err := a.solve(items, u.Of)
		if err != nil {
			return nil, err
		}
		if items, err = a.solve(of, users); err != nil {
			return nil, err
		}
	}
	return factors{a, items}, nil
}

// solve returns the factors of rows, given those of the columns that each row has.
func (a ALS) solve(columns *mat.Dense, has [][]int) (*mat.Dense, error) {
	f := a.Factors
	var all mat.Dense
	all.Mul(columns.T(), columns)
	out := mat.NewDense(max(1, len(has)), f, nil)
	for i, of := range has {
		gram := mat.NewSymDense(f, nil)
		for p := range f {
			for q := p; q < f; q++ {
				gram.SetSym(p, q, (all.At(p, q)+all.At(q, p))/2)
			}
			gram.SetSym(p, p, gram.At(p, p)+a.Ridge)
		}
		target := mat.NewVecDense(f, nil)
		for _, k := range of {
			y := columns.RowView(k)
			gram.SymRankOne(gram, a.Alpha, y)
			target.AddScaledVec(target, 1+a.Alpha, y)
		}
		var chol mat.Cholesky
		if !chol.Factorize(gram) {
			return nil, errors.New("recommend: ALS: the factors are not finite: set a larger Ridge")
		}
		x := out.RowView(i).(*mat.VecDense)
		if err := chol.SolveVecTo(x, target); err != nil {
			return nil, fmt.Errorf("recommend: ALS: %w", err)
		}
	}
	return out, nil
}

// factors are those of the items.
type factors struct {
	als   ALS
	items *mat.Dense
}

func (f factors) Scores(of [][]int) ([][]float64, error) {
	n, _ := f.items.Dims()
	if err := inRange(of, n); err != nil {
		return nil, err
	}
	users, err := f.als.solve(f.items, of)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(of))
	for i := range of {
		var s mat.VecDense
		s.MulVec(f.items, users.RowView(i))
		out[i] = append([]float64(nil), s.RawVector().Data...)
	}
	return out, nil
}
