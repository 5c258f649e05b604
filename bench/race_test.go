//go:build race

package main

// manySteps is fewer under the race detector, where a step takes a hundred
// times as long.
const manySteps = 1000
