package metrics

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Neighbours is classification by the nearest neighbours: a point has the class that most
// of the K points nearest to it have, by the Euclidean distance (Cover and Hart 1967). Of
// several classes with as many points, it is that of the nearest one.
type Neighbours struct {
	// K is the number of neighbours; 0 means 1.
	K int
}

// Voters are the points that the neighbours are among.
type Voters struct {
	k, dims, classes int
	x                []float64
	label            []int
}

// Fit keeps points x [N, dims], in row-major order, and their labels, counted from 0. Both
// are read where they are, so they must not change.
func (n Neighbours) Fit(x []float64, dims int, label []int) (*Voters, error) {
	v := &Voters{k: cmp.Or(n.K, 1), dims: dims, x: x, label: label}
	if err := checkCodes(x, dims, label); err != nil {
		return nil, err
	}
	if v.k < 1 || v.k > len(label) {
		return nil, fmt.Errorf("metrics: %d neighbours among %d points: want at least 1, and no more than points", v.k, len(label))
	}
	for i, l := range label {
		if l < 0 {
			return nil, fmt.Errorf("metrics: neighbours: label %d of point %d: want one from 0", l, i)
		}
		v.classes = max(v.classes, l+1)
	}
	return v, nil
}

// Classify returns the class of each of the points [N, dims].
func (v *Voters) Classify(points []float64) ([]int, error) {
	if len(points) == 0 || len(points)%v.dims != 0 {
		return nil, fmt.Errorf("metrics: neighbours: %d values are not points of %d dimensions", len(points), v.dims)
	}
	out := make([]int, len(points)/v.dims)
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(len(out), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			near := make([]neighbour, 0, v.k)
			votes := make([]int, v.classes)
			for i := range next {
				near = v.nearest(near[:0], points[i*v.dims:(i+1)*v.dims])
				out[i] = v.vote(near, votes)
			}
		})
	}
	for i := range out {
		next <- i
	}
	close(next)
	wait.Wait()
	return out, nil
}

// Error returns the share of the points [N, dims] whose class is not their label.
func (v *Voters) Error(points []float64, label []int) (float64, error) {
	if err := checkCodes(points, v.dims, label); err != nil {
		return 0, err
	}
	found, err := v.Classify(points)
	if err != nil {
		return 0, err
	}
	wrong := 0
	for i, l := range label {
		if found[i] != l {
			wrong++
		}
	}
	return float64(wrong) / float64(len(label)), nil
}

// neighbour is a point and its squared distance.
type neighbour struct {
	at     int
	square float64
}

// nearest are the k points that are nearest to a point, in the order of their distance.
func (v *Voters) nearest(near []neighbour, point []float64) []neighbour {
	bound := math.Inf(1)
	for i := range v.label {
		d := distanceBelow(v.x[i*v.dims:(i+1)*v.dims], point, bound)
		if d >= bound {
			continue
		}
		if len(near) < v.k {
			near = append(near, neighbour{})
		}
		k := len(near) - 1
		for ; k > 0 && near[k-1].square > d; k-- {
			near[k] = near[k-1]
		}
		near[k] = neighbour{i, d}
		if len(near) == v.k {
			bound = near[v.k-1].square
		}
	}
	return near
}

// vote is the class that most neighbours have. votes has room for each class.
func (v *Voters) vote(near []neighbour, votes []int) int {
	clear(votes)
	most := 0
	for _, n := range near {
		c := v.label[n.at]
		votes[c]++
		most = max(most, votes[c])
	}
	for _, n := range near {
		if c := v.label[n.at]; votes[c] == most {
			return c
		}
	}
	return 0
}

// distanceBelow is the squared distance of two points, or a number of at least the bound
// if it is not below it.
func distanceBelow(x, y []float64, bound float64) float64 {
	const block = 16 // values between two looks at the bound
	y = y[:len(x)]
	sum := 0.0
	for len(x) >= block {
		a, b := x[:block:block], y[:block:block]
		var s0, s1, s2, s3 float64
		for i := 0; i < block; i += 4 {
			d0, d1, d2, d3 := a[i]-b[i], a[i+1]-b[i+1], a[i+2]-b[i+2], a[i+3]-b[i+3]
			s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
		}
		if sum += s0 + s1 + s2 + s3; sum >= bound {
			return sum
		}
		x, y = x[block:], y[block:]
	}
	for i, v := range x {
		d := v - y[i]
		sum += d * d
	}
	return sum
}
