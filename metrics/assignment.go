package metrics

import "math"

// assign returns the column of each row of a square matrix, one to one, with the least
// sum of costs. It is the Hungarian algorithm with potentials, of O(n^3) steps: rows
// are added one at a time, each by the shortest augmenting path in reduced costs.
func assign(cost [][]float64) []int {
	n := len(cost)
	// Rows and columns count from 1; 0 is the virtual column that a path starts at.
	u, v := make([]float64, n+1), make([]float64, n+1)
	rowOf, from := make([]int, n+1), make([]int, n+1)
	for row := 1; row <= n; row++ {
		rowOf[0] = row
		least := make([]float64, n+1)
		done := make([]bool, n+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		at := 0
		for rowOf[at] != 0 {
			done[at] = true
			i, next, delta := rowOf[at], 0, math.Inf(1)
			for j := 1; j <= n; j++ {
				if done[j] {
					continue
				}
				if reduced := cost[i-1][j-1] - u[i] - v[j]; reduced < least[j] {
					least[j], from[j] = reduced, at
				}
				if least[j] < delta {
					delta, next = least[j], j
				}
			}
			for j := range done {
				if done[j] {
					u[rowOf[j]] += delta
					v[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			rowOf[at] = rowOf[from[at]]
			at = from[at]
		}
	}
	columns := make([]int, n)
	for j := 1; j <= n; j++ {
		columns[rowOf[j]-1] = j - 1
	}
	return columns
}
