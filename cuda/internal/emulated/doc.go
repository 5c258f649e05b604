// Package emulated speaks with the emulator of CUDA (package emu) in a process that runs under it: it lets calls of the
// driver fail, sets what GPU there is, and tells what is still allocated. With the build tag gpu.
package emulated
