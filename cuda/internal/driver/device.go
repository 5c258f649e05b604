//go:build gpu

package driver

import (
	"fmt"

	"gorgonia.org/cu"
)

// Device describes a GPU.
type Device struct {
	Ordinal         int    // its number, as CUDA counts
	Name            string // "NVIDIA H100 80GB HBM3"
	Arch            int    // compute capability, 90 for 9.0
	Memory          int64  // bytes
	Multiprocessors int
	Clock           int // of the multiprocessors, kHz; 0 if the driver does not report it
	MemoryClock     int // kHz; 0 if the driver does not report it
	BusWidth        int // of the memory, bits
	L2              int // cache, bytes
}

// Bandwidth is the memory's peak in bytes a second, at two transfers a clock; 0 if the driver does not report it.
func (d Device) Bandwidth() float64 { return 2e3 * float64(d.MemoryClock) * float64(d.BusWidth) / 8 }

func (d Device) String() string {
	return fmt.Sprintf("GPU %d, %s (compute capability %d.%d, %d multiprocessors, %.1f GiB)",
		d.Ordinal, d.Name, d.Arch/10, d.Arch%10, d.Multiprocessors, float64(d.Memory)/(1<<30))
}

// Version is the CUDA that the driver supports: 12040 for 12.4.
func Version() int { return cu.Version() }

// Devices describes all GPUs that the process may use.
func Devices() ([]Device, error) {
	n, err := cu.NumDevices()
	if err != nil {
		return nil, check("cuDeviceGetCount", err)
	}
	all := make([]Device, n)
	for i := range all {
		if all[i], _, err = describe(i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func describe(ordinal int) (Device, cu.Device, error) {
	d := Device{Ordinal: ordinal}
	dev, err := cu.GetDevice(ordinal)
	if err != nil {
		return d, 0, check("cuDeviceGet", err)
	}
	if d.Name, err = dev.Name(); err != nil {
		return d, 0, check("cuDeviceGetName", err)
	}
	if d.Memory, err = dev.TotalMem(); err != nil {
		return d, 0, check("cuDeviceTotalMem", err)
	}
	var minor int
	for _, a := range []struct {
		to        *int
		attribute cu.DeviceAttribute
	}{
		{&d.Arch, cu.ComputeCapabilityMajor},
		{&minor, cu.ComputeCapabilityMinor},
		{&d.Multiprocessors, cu.MultiprocessorCount},
		{&d.Clock, cu.ClockRate},
		{&d.MemoryClock, cu.MemoryClockRate},
		{&d.BusWidth, cu.GlobalMemoryBusWidth},
		{&d.L2, cu.L2CacheSize},
	} {
		if *a.to, err = dev.Attribute(a.attribute); err != nil {
			return d, 0, check("cuDeviceGetAttribute", err)
		}
	}
	d.Arch = 10*d.Arch + minor
	return d, dev, nil
}
