//go:build gpu

package driver

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// source has the kernels of these tests: r = a + b, and x += 1, of n elements.
const source = `
extern "C" __global__ void __launch_bounds__(256) add(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ r) {
	int i = blockIdx.x * 256 + threadIdx.x;
	if (i < 1000) r[i] = a[i] + b[i];
}
extern "C" __global__ void __launch_bounds__(256) increase(float* x) {
	int i = blockIdx.x * 256 + threadIdx.x;
	if (i < 1000) x[i] += 1.0f;
}
extern "C" __global__ void nothing() {}
`

const n = 1000 // elements

// open opens the first GPU.
func open(t *testing.T) *Context {
	t.Helper()
	c, err := Open(0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// closing closes x at the end of the test.
func closing[T interface{ Close() error }](t *testing.T, x T, err error) T {
	t.Helper()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, x.Close()) })
	return x
}

func alloc(t *testing.T, c *Context, bytes int) Pointer {
	t.Helper()
	p, err := c.Alloc(bytes)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Free(p)) })
	return p
}

// module is the kernels above on the GPU.
func module(t *testing.T, c *Context) *Module {
	t.Helper()
	compiler, err := OpenCompiler("")
	require.NoError(t, err)
	t.Cleanup(compiler.Close)
	im, err := compiler.Compile("test.cu", source, c.Arch)
	require.NoError(t, err)
	m, err := c.Load(im.Code)
	return closing(t, m, err)
}

func function(t *testing.T, m *Module, name string) *Function {
	t.Helper()
	f, err := m.Function(name)
	require.NoError(t, err)
	return f
}

func bytesOf[T any](x []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(zero)))
}

// ramp is start, start+1, ...
func ramp(n int, start float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = start + float32(i)
	}
	return x
}

func TestTheGPUIsDescribed(t *testing.T) {
	c := open(t)
	all, err := Devices()
	require.NoError(t, err)
	require.Equal(t, c.Device, all[0])
	require.GreaterOrEqual(t, c.Arch, 50)
	require.Positive(t, c.Multiprocessors)
	require.Positive(t, c.Memory)
	require.NotEmpty(t, c.Name)
	require.Contains(t, c.Device.String(), c.Name)
	require.GreaterOrEqual(t, Version(), minVersion)
	free, err := c.FreeMemory()
	require.NoError(t, err)
	require.LessOrEqual(t, free, c.Memory)
	t.Logf("%v, driver for CUDA %s, %.0f GB/s", c.Device, version(Version()), c.Bandwidth()/1e9)

	_, err = Open(len(all))
	require.ErrorContains(t, err, "CUDA_VISIBLE_DEVICES")
	_, err = Open(-1)
	require.Error(t, err)
}

func TestKernelsRun(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	f := function(t, module(t, c), "add")
	a, b, r := alloc(t, c, 4*n), alloc(t, c, 4*n), alloc(t, c, 4*n)
	require.NoError(t, c.Write(a, bytesOf(ramp(n, 0))))
	require.NoError(t, c.Write(b, bytesOf(ramp(n, 1))))
	require.NoError(t, s.Launch(f, 4, 256, []Pointer{a, b, r}))
	require.NoError(t, s.Synchronize())
	got := make([]float32, n)
	require.NoError(t, c.Read(bytesOf(got), r))
	for i, v := range got {
		require.Equal(t, float32(2*i+1), v)
	}
}

func TestMemoryIsCopiedAndFilled(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	a, b := alloc(t, c, 4*n), alloc(t, c, 4*n)
	host, err := c.AllocHost(8*n + 4)
	closing(t, host, err)
	require.Len(t, host.Bytes, 8*n+4)
	x := Elements[float32](host)
	copy(x, ramp(n, 3))
	clear(x[n:])
	require.NoError(t, s.CopyIn(a, host, 0, 4*n))
	require.NoError(t, s.Copy(b, a, 4*n))
	require.NoError(t, s.Fill(a, 0x11, 4*n))
	require.NoError(t, s.CopyOut(host, 4*n, b, 4*n))
	require.NoError(t, s.CopyOut(host, 8*n, a, 4))
	require.NoError(t, s.Synchronize())
	require.Equal(t, uint32(0x11111111), binary.NativeEndian.Uint32(host.Bytes[8*n:]))
	require.Equal(t, ramp(n, 3), x[n:2*n])

	require.ErrorContains(t, s.CopyIn(a, host, 4*n, 4*n+5), "is not within the 8004 bytes")
	require.ErrorContains(t, s.CopyOut(host, -1, a, 4), "is not within")

	// Copies of no bytes do nothing.
	require.NoError(t, c.Write(0, nil))
	require.NoError(t, c.Read(nil, 0))
	require.NoError(t, s.CopyIn(0, host, 0, 0))
	require.NoError(t, s.CopyOut(host, 0, 0, 0))
	require.NoError(t, s.Copy(0, 0, 0))
	require.NoError(t, s.Fill(0, 0, 0))
	p, err := c.Alloc(0)
	require.NoError(t, err)
	require.NoError(t, c.Free(p))
	empty, err := c.AllocHost(0)
	require.NoError(t, err)
	require.NoError(t, empty.Close())
}

func TestAGraphIsLaunchedAHundredTimes(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	f := function(t, module(t, c), "increase")
	x := alloc(t, c, 4*n)
	host, err := c.AllocHost(4 * n)
	closing(t, host, err)
	require.NoError(t, c.Write(x, bytesOf(ramp(n, 0))))
	g, err := s.Capture(func() error {
		return errors.Join(s.Launch(f, 4, 256, []Pointer{x}), s.Launch(f, 4, 256, []Pointer{x}), s.CopyOut(host, 0, x, 4*n))
	})
	closing(t, g, err)
	require.Equal(t, 3, g.Nodes)
	for range 100 {
		require.NoError(t, g.Launch(s))
	}
	require.NoError(t, s.Synchronize())
	require.Equal(t, ramp(n, 200), Elements[float32](host))

	// A capture that fails leaves the stream usable.
	wrong := errors.New("wrong")
	_, err = s.Capture(func() error { return errors.Join(s.Launch(f, 4, 256, []Pointer{x}), wrong) })
	require.ErrorIs(t, err, wrong)
	require.NoError(t, g.Launch(s))
	require.NoError(t, s.Synchronize())
	require.Equal(t, ramp(n, 202), Elements[float32](host))
}

func TestAStepAllocatesNothing(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	f := function(t, module(t, c), "increase")
	x := alloc(t, c, 4*n)
	host, err := c.AllocHost(4 * n)
	closing(t, host, err)
	e, err := c.NewEvent(false)
	closing(t, e, err)
	require.NoError(t, s.Fill(x, 0, 4*n))
	g, err := s.Capture(func() error { return s.Launch(f, 4, 256, []Pointer{x}) })
	closing(t, g, err)
	args := []Pointer{x}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		err = errors.Join(s.CopyIn(x, host, 0, 4*n), e.Record(s), s.Wait(e), g.Launch(s), s.Launch(f, 4, 256, args), s.CopyOut(host, 0, x, 4*n), s.Synchronize())
	}))
	require.NoError(t, err)
}

// TestCopiesInASecondStream feeds batches through two slots of pinned memory,
// which a second stream copies while the first computes.
func TestCopiesInASecondStream(t *testing.T) {
	c := open(t)
	compute, err := c.NewStream()
	closing(t, compute, err)
	feed, err := c.NewStream()
	closing(t, feed, err)
	f := function(t, module(t, c), "add")
	sum := alloc(t, c, 4*n)
	require.NoError(t, compute.Fill(sum, 0, 4*n))
	type place struct {
		host         *HostMemory
		batch        Pointer
		copied, used *Event
	}
	var places [2]place
	for i := range places {
		p := &places[i]
		p.host, err = c.AllocHost(4 * n)
		closing(t, p.host, err)
		p.batch = alloc(t, c, 4*n)
		p.copied, err = c.NewEvent(false)
		closing(t, p.copied, err)
		p.used, err = c.NewEvent(false)
		closing(t, p.used, err)
	}
	// r = a + b may not be in place, so the sum alternates between two buffers.
	next := alloc(t, c, 4*n)
	want := make([]float32, n)
	for i := range 20 {
		p := &places[i%2]
		require.NoError(t, p.copied.Synchronize()) // the pinned memory may be filled again
		copy(Elements[float32](p.host), ramp(n, float32(i)))
		for j, v := range ramp(n, float32(i)) {
			want[j] += v
		}
		require.NoError(t, feed.Wait(p.used)) // the previous batch has been read
		require.NoError(t, feed.CopyIn(p.batch, p.host, 0, 4*n))
		require.NoError(t, p.copied.Record(feed))
		require.NoError(t, compute.Wait(p.copied))
		require.NoError(t, compute.Launch(f, 4, 256, []Pointer{sum, p.batch, next}))
		require.NoError(t, p.used.Record(compute))
		sum, next = next, sum
	}
	require.NoError(t, compute.Synchronize())
	got := make([]float32, n)
	require.NoError(t, c.Read(bytesOf(got), sum))
	require.Equal(t, want, got)
}

func TestEventsMeasureTime(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	start, err := c.NewEvent(true)
	closing(t, start, err)
	end, err := c.NewEvent(true)
	closing(t, end, err)
	require.NoError(t, start.Record(s))
	require.NoError(t, s.Launch(function(t, module(t, c), "nothing"), 1, 1, nil))
	require.NoError(t, end.Record(s))
	require.NoError(t, end.Synchronize())
	ms, err := start.Elapsed(end)
	require.NoError(t, err)
	require.GreaterOrEqual(t, ms, 0.0)
}

func TestMachinesInSeveralGoroutines(t *testing.T) {
	m := module(t, open(t))
	var wait sync.WaitGroup
	failed := make([]error, 4)
	for w := range failed {
		wait.Go(func() {
			failed[w] = func() (err error) {
				c, err := Open(0)
				if err != nil {
					return err
				}
				s, err := c.NewStream()
				if err != nil {
					return err
				}
				x, err := c.Alloc(4 * n)
				if err != nil {
					return err
				}
				f, err := m.Function("increase")
				if err != nil {
					return err
				}
				start := ramp(n, float32(1000*w))
				if err := c.Write(x, bytesOf(start)); err != nil {
					return err
				}
				for range 50 {
					if err := s.Launch(f, 4, 256, []Pointer{x}); err != nil {
						return err
					}
				}
				got := make([]float32, n)
				err = errors.Join(s.Synchronize(), c.Read(bytesOf(got), x), c.Free(x), s.Close(), c.Close())
				if err == nil && got[n-1] != start[n-1]+50 {
					err = errors.New("another goroutine's result")
				}
				return err
			}()
		})
	}
	wait.Wait()
	require.NoError(t, errors.Join(failed...))
}

func TestMistakesAreNamed(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	m := module(t, c)

	_, err = m.Function("absent")
	require.ErrorContains(t, err, "kernel absent: cuModuleGetFunction: CUDA_ERROR_NOT_FOUND (500)")
	_, err = c.Load([]byte("no code"))
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "cuModuleLoadDataEx", e.Call)
	_, err = c.Load(nil)
	require.Error(t, err)
	require.ErrorContains(t, s.Launch(function(t, m, "add"), 1, 256, make([]Pointer, maxArguments+1)), "513 arguments")
	require.ErrorContains(t, s.Launch(function(t, m, "nothing"), 1, 4096, nil), "kernel nothing, 1 blocks of 4096 threads")
	require.ErrorContains(t, c.Free(12345), "cuMemFree")

	_, err = c.Alloc(1 << 50)
	require.ErrorIs(t, err, ErrOutOfMemory)
	require.NotErrorIs(t, err, ErrLost)
	require.ErrorContains(t, err, "1125899906842624 bytes wanted")
	require.ErrorContains(t, err, "a smaller batch")

	closed, err := Open(0)
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	require.NoError(t, closed.Close())
	_, err = closed.Alloc(4)
	require.ErrorContains(t, err, "is closed")
}

func TestProductsInAllTransposes(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	b, err := s.OpenBLAS("")
	closing(t, b, err)
	t.Logf("cuBLAS %d of %s", b.Version, b.Path)
	for _, double := range []bool{false, true} {
		for _, batch := range []int{0, 3} {
			for transposes := range 4 {
				for _, beta := range []float64{0, 0.5} {
					checkProduct(t, c, s, b, Gemm{
						Double: double, TransA: transposes&1 != 0, TransB: transposes&2 != 0,
						M: 5, N: 7, K: 11, LdA: 13, LdB: 15, LdC: 9, Alpha: 2, Beta: beta,
						Batch: batch, StrideA: 13 * 11, StrideB: 15 * 11, StrideC: 9 * 5,
					})
				}
			}
		}
	}
}

// checkProduct compares a product with Go loops.
func checkProduct(t *testing.T, c *Context, s *Stream, b *BLAS, g Gemm) {
	t.Helper()
	batch := max(g.Batch, 1)
	fill := func(n, seed int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64((i*seed)%17 - 8)
		}
		return x
	}
	// Row strides and a batch's strides hold the greater of both layouts.
	x, y, z := fill(batch*g.StrideA, 7), fill(batch*g.StrideB, 5), fill(batch*g.StrideC, 3)
	upload := func(v []float64) Pointer {
		raw := bytesOf(v)
		if !g.Double {
			raw = make([]byte, 4*len(v))
			for i, f := range v {
				binary.NativeEndian.PutUint32(raw[4*i:], math.Float32bits(float32(f)))
			}
		}
		p := alloc(t, c, len(raw))
		require.NoError(t, c.Write(p, raw))
		return p
	}
	g.A, g.B, g.C = upload(x), upload(y), upload(z)
	require.NoError(t, b.Gemm(g))
	require.NoError(t, s.Synchronize())
	got := make([]float64, len(z))
	if g.Double {
		require.NoError(t, c.Read(bytesOf(got), g.C))
	} else {
		single := make([]float32, len(z))
		require.NoError(t, c.Read(bytesOf(single), g.C))
		for i, v := range single {
			got[i] = float64(v)
		}
	}
	want := append([]float64(nil), z...)
	for p := range batch {
		for i := range g.M {
			for j := range g.N {
				sum := 0.0
				for k := range g.K {
					ai, bi := i*g.LdA+k, k*g.LdB+j
					if g.TransA {
						ai = k*g.LdA + i
					}
					if g.TransB {
						bi = j*g.LdB + k
					}
					sum += x[p*g.StrideA+ai] * y[p*g.StrideB+bi]
				}
				at := p*g.StrideC + i*g.LdC + j
				want[at] = g.Alpha*sum + g.Beta*z[at]
			}
		}
	}
	require.Equal(t, want, got, "%+v", g) // small integers: exact in any order
}

func TestACapturedProduct(t *testing.T) {
	c := open(t)
	s, err := c.NewStream()
	closing(t, s, err)
	b, err := s.OpenBLAS("")
	closing(t, b, err)
	require.NoError(t, b.SetMath(MathFull))
	x, r := alloc(t, c, 4*4), alloc(t, c, 4*4)
	require.NoError(t, c.Write(x, bytesOf([]float32{1, 2, 3, 4})))
	product := Gemm{M: 2, N: 2, K: 2, LdA: 2, LdB: 2, LdC: 2, Alpha: 1, A: x, B: x, C: r}
	require.NoError(t, b.Gemm(product)) // the first call may load code, which a capture must not
	require.NoError(t, s.Synchronize())
	g, err := s.Capture(func() error {
		return errors.Join(b.Gemm(product), s.Copy(x, r, 4*4))
	})
	closing(t, g, err)
	for range 2 {
		require.NoError(t, g.Launch(s))
	}
	require.NoError(t, s.Synchronize())
	got := make([]float32, 4)
	require.NoError(t, c.Read(bytesOf(got), x))
	require.Equal(t, []float32{199, 290, 435, 634}, got)
}
