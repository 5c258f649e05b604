// Package dynlib opens the libraries of a CUDA toolkit as the program runs: NVRTC and cuBLAS have another file name with
// each major version, so a program that linked them would run with one toolkit only. With the build tag gpu.
package dynlib
