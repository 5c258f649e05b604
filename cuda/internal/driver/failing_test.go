//go:build gpu

package driver

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cuda/internal/emulated"
)

// called lists the functions of the driver and of cuBLAS that everything calls.
var called = []string{
	"cuDeviceGetCount",
	"cuDeviceGet",
	"cuDeviceGetName",
	"cuDeviceTotalMem",
	"cuDeviceGetAttribute",
	"cuDevicePrimaryCtxRetain",
	"cuDevicePrimaryCtxRelease",
	"cuCtxSetCurrent",
	"cuCtxSynchronize",
	"cuMemGetInfo",
	"cuMemAlloc",
	"cuMemFree",
	"cuMemHostAlloc",
	"cuMemFreeHost",
	"cuMemcpyHtoD",
	"cuMemcpyDtoH",
	"cuMemcpyHtoDAsync",
	"cuMemcpyDtoHAsync",
	"cuMemcpyDtoDAsync",
	"cuMemsetD8Async",
	"cuStreamCreate",
	"cuStreamDestroy",
	"cuStreamSynchronize",
	"cuStreamWaitEvent",
	"cuStreamBeginCapture",
	"cuStreamEndCapture",
	"cuGraphGetNodes",
	"cuGraphInstantiateWithFlags",
	"cuGraphLaunch",
	"cuGraphDestroy",
	"cuGraphExecDestroy",
	"cuEventCreate",
	"cuEventDestroy",
	"cuEventRecord",
	"cuEventSynchronize",
	"cuEventElapsedTime",
	"cuModuleLoadDataEx",
	"cuModuleGetFunction",
	"cuModuleUnload",
	"cuLaunchKernel",
	"cublasCreate",
	"cublasGetVersion",
	"cublasSetStream",
	"cublasSetWorkspace",
	"cublasSetMathMode",
	"cublasSgemm",
	"cublasDgemm",
	"cublasSgemmStridedBatched",
	"cublasDgemmStridedBatched",
	"cublasDestroy",
}

// everything uses each function of the package once, and frees all that it allocated. code is the compiled kernels of
// source.
func everything(image []byte) (err error) {
	var closers []func() error
	defer func() {
		for i := range closers {
			err = errors.Join(err, closers[len(closers)-1-i]())
		}
	}()
	later := func(f func() error, e error) bool {
		if err = e; err == nil {
			closers = append(closers, f)
		}
		return err == nil
	}
	c, e := Open(0)
	if e != nil {
		return e
	}
	closers = append(closers, c.Close)
	s, e := c.NewStream()
	if e != nil || !later(s.Close, e) {
		return e
	}
	m, e := c.Load(image)
	if e != nil || !later(m.Close, e) {
		return e
	}
	f, e := m.Function("increase")
	if e != nil {
		return e
	}
	x, e := c.Alloc(12 * n)
	if e != nil || !later(func() error { return c.Free(x) }, e) {
		return e
	}
	host, e := c.AllocHost(4 * n)
	if e != nil || !later(host.Close, e) {
		return e
	}
	clear(host.Bytes)
	start, e := c.NewEvent(true)
	if e != nil || !later(start.Close, e) {
		return e
	}
	end, e := c.NewEvent(true)
	if e != nil || !later(end.Close, e) {
		return e
	}
	read := make([]byte, 4*n)
	if err = errors.Join(c.Write(x, read), start.Record(s), s.Fill(x+4*n, 0, 4*n), s.CopyIn(x, host, 0, 4*n), s.Launch(f, 4, 256, []Pointer{x})); err != nil {
		return errors.Join(err, s.Synchronize())
	}
	g, e := s.Capture(func() error {
		return errors.Join(s.Launch(f, 4, 256, []Pointer{x}), s.Copy(x+4*n, x, 4*n), s.CopyOut(host, 0, x+4*n, 4*n))
	})
	if e != nil || !later(g.Close, e) {
		return errors.Join(e, s.Synchronize())
	}
	b, e := s.OpenBLAS("")
	if e != nil || !later(b.Close, e) {
		return errors.Join(e, s.Synchronize())
	}
	err = b.SetMath(MathFull)
	for _, batch := range []int{1, 2} {
		for _, double := range []bool{false, true} {
			err = errors.Join(err, b.Gemm(Gemm{Double: double, M: 2, N: 2, K: 2, LdA: 2, LdB: 2, LdC: 2, Alpha: 1, A: x + 4*n, B: x + 4*n, C: x + 8*n, Batch: batch}))
		}
	}
	err = errors.Join(err, g.Launch(s), end.Record(s), s.Wait(end), end.Synchronize(), s.Synchronize())
	_, e = start.Elapsed(end)
	err = errors.Join(err, e, c.Read(read, x), c.Synchronize())
	_, e = c.FreeMemory()
	if err = errors.Join(err, e); err == nil && Elements[float32](host)[0] != 2 {
		err = errors.New("the kernels did not run")
	}
	return err
}

// emulator returns the emulator. At the end of the test, nothing may be live, and failures are cleared.
func emulator(t *testing.T) *emulated.Driver {
	t.Helper()
	d, err := emulated.Open()
	if err != nil {
		t.Skip("for the emulator only: ", err)
	}
	require.Equal(t, emulated.Live{}, d.Live(), "left by another test")
	d.SetDevice(1, 80, -1) // for which cuBLAS's workspace is small
	t.Cleanup(func() {
		d.Reset()
		d.SetDevice(1, 90, -1)
	})
	return d
}

// compiled is the compiled kernels of source.
func compiled(t *testing.T) []byte {
	t.Helper()
	compiler, err := OpenCompiler("")
	require.NoError(t, err)
	defer compiler.Close()
	im, err := compiler.Compile("test.cu", source, 80)
	require.NoError(t, err)
	return im.Code
}

func TestEveryCallThatFailsIsTold(t *testing.T) {
	d, image := emulator(t), compiled(t)
	require.NoError(t, everything(image))
	require.Equal(t, emulated.Live{}, d.Live())
	for _, call := range called {
		before := d.Calls(call)
		require.NoError(t, everything(image))
		count := d.Calls(call) - before
		require.Positive(t, count, call)
		for nth := 1; nth <= count; nth++ {
			what := fmt.Sprintf("call %d of %d of %s", nth, count, call)
			d.Fail(call, nth, 999)
			err := everything(image)
			d.Fail(call, 0, 0)
			var e *Error
			require.ErrorAs(t, err, &e, what)
			if strings.HasPrefix(call, "cublas") {
				require.Equal(t, "CUBLAS_STATUS_EXECUTION_FAILED", e.Name, what)
			} else {
				require.Equal(t, "CUDA_ERROR_UNKNOWN", e.Name, what)
			}
			require.Contains(t, e.Call, call, what)
			if emulated.Frees(call) {
				d.Reset()
			}
			require.Equal(t, emulated.Live{}, d.Live(), what)
		}
	}
}

func TestMemoryRunsOut(t *testing.T) {
	d, image := emulator(t), compiled(t)
	for _, call := range []string{"cuMemAlloc", "cuMemHostAlloc", "cuStreamCreate", "cuEventCreate", "cuModuleLoadDataEx", "cuGraphInstantiateWithFlags", "cuDevicePrimaryCtxRetain", "cuGraphLaunch"} {
		d.Fail(call, 1, 2)
		err := everything(image)
		require.ErrorIs(t, err, ErrOutOfMemory, call)
		require.ErrorContains(t, err, "CUDA_ERROR_OUT_OF_MEMORY (2)", call)
		require.Equal(t, emulated.Live{}, d.Live(), call)
	}
	d.Fail("cublasCreate", 1, 2)
	require.ErrorIs(t, everything(image), ErrOutOfMemory)
	require.Equal(t, emulated.Live{}, d.Live())
}

func TestALostGPUIsTold(t *testing.T) {
	d, image := emulator(t), compiled(t)
	for _, code := range []int{700, 719, 46} {
		c, err := Open(0)
		require.NoError(t, err)
		s, err := c.NewStream()
		require.NoError(t, err)
		d.Lose(code)
		require.ErrorIs(t, s.Synchronize(), ErrLost)
		_, err = c.Alloc(4)
		require.ErrorIs(t, err, ErrLost)
		require.ErrorIs(t, s.Close(), ErrLost)
		require.NoError(t, c.Close())
		require.NoError(t, everything(image), "the next context works")
	}
}

func TestAFaultOfAKernelIsTold(t *testing.T) {
	d := emulator(t)
	c := open(t)
	s, err := c.NewStream()
	require.NoError(t, err)
	m, err := c.Load(compiled(t))
	require.NoError(t, err)
	x, err := c.Alloc(4 * n)
	require.NoError(t, err)
	require.NoError(t, s.Fill(x, 0, 4*n))
	err = errors.Join(s.Launch(function(t, m, "increase"), 4, 256, []Pointer{x + 4}), s.Synchronize())
	require.ErrorIs(t, err, ErrLost)
	require.Contains(t, d.Fault(), "increase")
}

func TestTheDriverAndTheGPUAreChecked(t *testing.T) {
	d := emulator(t)
	version := Version()
	defer d.SetDevice(-1, -1, version)

	d.SetDevice(0, -1, -1)
	_, err := Open(0)
	require.ErrorContains(t, err, "no GPU 0: CUDA sees 0")
	d.SetDevice(1, -1, 11020)
	_, err = Open(0)
	require.ErrorContains(t, err, "supports CUDA 11.2, and 11.4 is needed")

	d.SetDevice(1, -1, 11080)
	t.Setenv("STHENO_NVRTC", "libnvrtc.so")
	_, err = OpenCompiler("")
	if version >= 12000 { // the emulator's NVRTC has its headers' version
		require.ErrorContains(t, err, "too new for the driver, which supports CUDA 11.8")
	}
	require.Equal(t, []string{"12", "11.2"}, upTo(12, []string{"13", "12", "11.2"}))
}

// TestAnyOrderIsRight runs every function of the package with streams that run late and threads in other orders.
func TestAnyOrderIsRight(t *testing.T) {
	d := emulator(t)
	defer d.SetMode(false, 0, true)
	for order := range 3 {
		d.SetMode(true, order, true)
		for name, test := range map[string]func(*testing.T){
			"memory": TestMemoryIsCopiedAndFilled, "graph": TestAGraphIsLaunchedAHundredTimes,
			"streams": TestCopiesInASecondStream, "goroutines": TestMachinesInSeveralGoroutines, "product": TestACapturedProduct,
		} {
			t.Run(fmt.Sprint(name, order), test)
		}
	}
}
