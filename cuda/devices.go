package cuda

import (
	"fmt"
	"strings"
)

// Device is a GPU that the process may use.
type Device struct {
	Ordinal         int    // its number, from 0, as the driver counts them: what Config.Device takes
	Name            string // such as "NVIDIA H100 80GB HBM3"
	Major, Minor    int    // its compute capability
	Memory          int64  // bytes
	Multiprocessors int
	Driver          string  // the CUDA that the driver supports, such as "12.4"
	Peak            float64 // float32 operations a second, a multiply-add counted as two, at the highest clock; 0 if not known
	Bandwidth       float64 // bytes a second to and from its memory, at the highest clock; 0 if not known
	// Emulated is true for the emulator that tests run on, which is not a GPU:
	// times measured there say nothing about one.
	Emulated bool
}

// Devices lists the GPUs in the order of their numbers. Without the tag gpu it
// returns ErrUnavailable. With the tag there is at least one: gorgonia.org/cu
// ends a program that starts without a GPU.
func Devices() ([]Device, error) { return devices() }

// String is such as "NVIDIA H100 80GB HBM3 (compute capability 9.0, 132
// multiprocessors, 79.1 GiB, driver for CUDA 12.4)".
func (d Device) String() string {
	return fmt.Sprintf("%s (compute capability %d.%d, %d multiprocessors, %.3g GiB, driver for CUDA %s)",
		d.Name, d.Major, d.Minor, d.Multiprocessors, float64(d.Memory)/(1<<30), d.Driver)
}

// Library is a library that a machine opens at run time.
type Library struct {
	Name    string // "NVRTC" or "cuBLAS"
	Version string // such as "12.9"
	Path    string // as it was opened
}

// Libraries opens NVRTC and cuBLAS as a machine does and says which files and
// versions they are. The error names those that cannot be opened and the places
// searched.
func Libraries() ([]Library, error) { return libraries() }

// lanes is how many float32 multiply-adds a multiprocessor starts per clock, by
// compute capability: "Throughput of Native Arithmetic Instructions" in
// NVIDIA's CUDA C++ Programming Guide. For a capability that is not listed the
// number is not known.
var lanes = map[[2]int]int{
	{7, 0}: 64, {7, 2}: 64, {7, 5}: 64,
	{8, 0}: 64, {8, 6}: 128, {8, 7}: 128, {8, 9}: 128,
	{9, 0}:  128,
	{10, 0}: 128, {10, 3}: 128, {11, 0}: 128,
	{12, 0}: 128, {12, 1}: 128,
}

// peak is the float32 operations a second of that many multiprocessors at a
// clock in hertz.
func peak(major, minor, multiprocessors int, clock float64) float64 {
	return 2 * float64(lanes[[2]int{major, minor}]) * float64(multiprocessors) * clock
}

// isEmulated tells whether a GPU of that name is the emulator.
func isEmulated(name string) bool { return strings.Contains(strings.ToLower(name), "emulat") }
