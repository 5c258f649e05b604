//go:build gpu

package cuda

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/cuda/internal/driver"
)

func devices() ([]Device, error) {
	found, err := driver.Devices()
	if err != nil {
		return nil, fmt.Errorf("cuda: %w", err)
	}
	all := make([]Device, len(found))
	for i, d := range found {
		all[i] = Device{
			Ordinal: d.Ordinal, Name: d.Name, Major: d.Arch / 10, Minor: d.Arch % 10, Memory: d.Memory,
			Multiprocessors: d.Multiprocessors, Driver: cudaVersion(driver.Version()), Bandwidth: d.Bandwidth(), Emulated: isEmulated(d.Name),
		}
		all[i].Peak = peak(all[i].Major, all[i].Minor, d.Multiprocessors, 1e3*float64(d.Clock))
	}
	return all, nil
}

func libraries() ([]Library, error) {
	var all []Library
	compiler, compilerErr := driver.OpenCompiler("")
	if compilerErr == nil {
		all = append(all, Library{"NVRTC", fmt.Sprintf("%d.%d", compiler.Major, compiler.Minor), compiler.Path})
		compiler.Close()
	}
	blas, blasErr := products()
	if blasErr == nil {
		all = append(all, blas)
	}
	if err := errors.Join(compilerErr, blasErr); err != nil {
		return all, fmt.Errorf("cuda: %w", err)
	}
	return all, nil
}

// products opens cuBLAS for a moment, which needs a GPU.
func products() (l Library, err error) {
	d, err := openDevice(0)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, d.release()) }()
	s, err := d.NewStream()
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	b, err := s.OpenBLAS("")
	if err != nil {
		return l, err
	}
	l = Library{"cuBLAS", fmt.Sprint(b.Version), b.Path}
	if v := b.Version; v >= 120000 { // earlier versions are written in two ways
		l.Version = fmt.Sprintf("%d.%d.%d", v/10000, v%10000/100, v%100)
	}
	return l, b.Close()
}

// cudaVersion writes a version of CUDA the usual way: 12040 is "12.4".
func cudaVersion(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }
