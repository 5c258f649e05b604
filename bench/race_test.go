//go:build race

package main

// manySteps is smaller under the race detector, where a step takes a hundred times as
// long.
const manySteps = 1000
