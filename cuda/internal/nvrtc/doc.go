// Package nvrtc compiles CUDA C with NVIDIA's run-time compiler, which is opened at run time. It needs neither a GPU
// nor a driver, so tests compile kernels on any machine. It needs the build tag gpu.
package nvrtc
