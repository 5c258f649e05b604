//go:build !race

package main

// manySteps is the number of steps of TestManyStepsUseNoMoreMemory.
const manySteps = 10_000
