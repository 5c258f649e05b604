// Package emulated controls the CUDA emulator (package emu) in a process that runs under it: it makes calls of the
// driver fail, sets the GPU's properties, and reports what is still allocated. It needs the build tag gpu.
package emulated
