// Package nvrtc compiles CUDA C by NVIDIA's run-time compiler, which is opened as the program runs. It needs neither a GPU
// nor a driver, so kernels are compiled in tests on any machine. With the build tag gpu.
package nvrtc
