//go:build !race

package main

// manySteps is how many steps must leave nothing behind.
const manySteps = 10_000
