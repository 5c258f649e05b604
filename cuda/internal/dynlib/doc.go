// Package dynlib opens the libraries of a CUDA toolkit at run time. The file names of NVRTC and cuBLAS contain the
// major version, so a program that linked them would run with one toolkit only. It needs the build tag gpu.
package dynlib
