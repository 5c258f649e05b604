//go:build mpi

package collective

/*
#include <mpi.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>

// Open MPI's macros as functions, on a communicator for data and one for notices.
static MPI_Comm st_data, st_notices;

// st_start joins the world. It restores the signal handlers, which are Go's.
static int st_start(int *rank, int *size) {
	struct sigaction before[NSIG];
	int level, err;
	for (int s = 1; s < NSIG; s++) sigaction(s, NULL, &before[s]);
	err = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
	for (int s = 1; s < NSIG; s++) {
		if (s != SIGKILL && s != SIGSTOP) sigaction(s, &before[s], NULL);
	}
	if (err != MPI_SUCCESS) return err;
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	if ((err = MPI_Comm_dup(MPI_COMM_WORLD, &st_data)) != MPI_SUCCESS) return err;
	if ((err = MPI_Comm_dup(MPI_COMM_WORLD, &st_notices)) != MPI_SUCCESS) return err;
	MPI_Comm_rank(st_data, rank);
	return MPI_Comm_size(st_data, size);
}

static int st_sum32(void *x, int n, MPI_Request *r) {
	return MPI_Iallreduce(MPI_IN_PLACE, x, n, MPI_FLOAT, MPI_SUM, st_data, r);
}
static int st_sum64(void *x, int n, MPI_Request *r) {
	return MPI_Iallreduce(MPI_IN_PLACE, x, n, MPI_DOUBLE, MPI_SUM, st_data, r);
}
static int st_broadcast(void *x, int n, int root, MPI_Request *r) {
	return MPI_Ibcast(x, n, MPI_BYTE, root, st_data, r);
}
static int st_send(void *x, int n, int to, MPI_Request *r) {
	return MPI_Isend(x, n, MPI_BYTE, to, 0, st_data, r);
}
static int st_receive(void *x, int n, int from, MPI_Request *r) {
	return MPI_Irecv(x, n, MPI_BYTE, from, 0, st_data, r);
}
static int st_test(MPI_Request *r, int *done) { return MPI_Test(r, done, MPI_STATUS_IGNORE); }
static MPI_Request st_null(void) { return MPI_REQUEST_NULL; }

// st_notify sends a notice without waiting for it: its text is never freed.
static int st_notify(const char *text, int n, int to) {
	MPI_Request r;
	char *copy = malloc(n);
	memcpy(copy, text, n);
	int err = MPI_Isend(copy, n, MPI_BYTE, to, 1, st_notices, &r);
	return err == MPI_SUCCESS ? MPI_Request_free(&r) : err;
}

// st_beat shows the next rank that this one is alive, if the last beat has left.
static int st_beat(int to, MPI_Request *last) {
	static char beat;
	int done = 1, err = MPI_SUCCESS;
	if (*last != MPI_REQUEST_NULL) err = MPI_Test(last, &done, MPI_STATUS_IGNORE);
	if (err != MPI_SUCCESS || !done) return err;
	return MPI_Isend(&beat, 1, MPI_BYTE, to, 0, st_notices, last);
}

// st_notice takes a notice if there is one: who it is from, its kind, 0 for a beat and 1
// for a failure, and its text of at most n bytes. *from is -1 if there is none.
static int st_notice(int *from, int *kind, char *text, int *n) {
	int there;
	MPI_Status s;
	*from = -1;
	int err = MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, st_notices, &there, &s);
	if (err != MPI_SUCCESS || !there) return err;
	err = MPI_Recv(text, *n, MPI_BYTE, s.MPI_SOURCE, s.MPI_TAG, st_notices, &s);
	if (err != MPI_SUCCESS) return err;
	*from = s.MPI_SOURCE, *kind = s.MPI_TAG;
	return MPI_Get_count(&s, MPI_BYTE, n);
}

// st_pause sleeps for some microseconds. Go's own Sleep rounds up to a millisecond where
// nothing else runs.
static void st_pause(long us) {
	struct timespec t = {0, 1000 * us};
	nanosleep(&t, NULL);
}

static int st_finish(void) { return MPI_Finalize(); }
static int st_describe(int err, char *text) {
	int n = 0;
	MPI_Error_string(err, text, &n);
	return n;
}
enum { st_text = MPI_MAX_ERROR_STRING };
*/
import "C"

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"
)

const (
	beatEvery  = 200 * time.Millisecond // between two beats of a rank
	maxElement = 1 << 28                // in one call of MPI, which counts in 32 bits
	maxNotice  = 1000                   // bytes of a reason
)

// join starts MPI on a thread that makes all calls of it.
func join(o Options) (Group, error) {
	g := &world{silence: cmp.Or(o.Silence, 30*time.Second), calls: make(chan call), ended: make(chan struct{}), beat: C.st_null()}
	started := make(chan error)
	go g.serve(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("collective: MPI does not start: %w", err)
	}
	return g, nil
}

// world is the group of all processes that mpirun started.
type world struct {
	rank, size int
	silence    time.Duration
	calls      chan call
	ended      chan struct{}

	// Of the thread of MPI:
	beat    C.MPI_Request
	beaten  time.Time // when the latest beat was sent
	missed  int       // beats that were sent since the rank before was heard of
	failure *Failure
	left    bool // MPI is not to be called any more
}

// call is something to do on the thread of MPI.
type call struct {
	do   func() error
	done chan error
}

// serve makes the calls of MPI, and sends and takes notices in between.
func (g *world) serve(started chan<- error) {
	runtime.LockOSThread() // and never unlocks it: the thread ends with the goroutine
	defer close(g.ended)
	var rank, size C.int
	err := check(C.st_start(&rank, &size))
	g.rank, g.size = int(rank), int(size)
	started <- err
	if err != nil {
		return
	}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case c := <-g.calls:
			c.done <- c.do()
			if g.left {
				return
			}
		case <-tick.C:
			_ = g.notices() // the next operation returns the failure
		}
	}
}

// on runs f on the thread of MPI.
func (g *world) on(f func() error) error {
	c := call{f, make(chan error, 1)}
	select {
	case g.calls <- c:
		return <-c.done
	case <-g.ended:
		return errors.New("collective: the group is closed")
	}
}

// notices sends a beat if one is due, and takes the notices of others.
func (g *world) notices() error {
	if g.failure != nil {
		return g.failure
	}
	if g.size == 1 {
		return nil
	}
	if now := time.Now(); now.Sub(g.beaten) >= beatEvery {
		g.beaten = now
		g.missed++ // counted, not timed: this process may have stood still itself
		if err := check(C.st_beat(C.int((g.rank+1)%g.size), &g.beat)); err != nil {
			return err
		}
	}
	before := (g.rank + g.size - 1) % g.size
	for {
		var text [maxNotice]byte
		var from, kind C.int
		n := C.int(len(text))
		if err := check(C.st_notice(&from, &kind, (*C.char)(unsafe.Pointer(&text[0])), &n)); err != nil {
			return err
		}
		if from < 0 {
			break
		}
		if int(from) == before {
			g.missed = 0
		}
		if kind == 1 {
			g.failure = &Failure{int(binary.LittleEndian.Uint32(text[:])), string(text[4:n])}
			return g.failure
		}
	}
	if silent := time.Duration(g.missed) * beatEvery; silent > g.silence {
		return g.lose(before, fmt.Sprintf("silent for %v: its process or its host is gone", silent))
	}
	return nil
}

// lose tells all others that a rank failed.
func (g *world) lose(rank int, reason string) error {
	g.failure = &Failure{rank, reason}
	text := binary.LittleEndian.AppendUint32(nil, uint32(rank))
	text = append(text, reason[:min(len(reason), maxNotice-len(text))]...)
	for to := range g.size {
		if to != g.rank && to != rank {
			if err := check(C.st_notify((*C.char)(unsafe.Pointer(&text[0])), C.int(len(text)), C.int(to))); err != nil {
				return errors.Join(g.failure, err)
			}
		}
	}
	return g.failure
}

// run starts an operation and waits for its end, with notices in between.
func (g *world) run(start func(r *C.MPI_Request) C.int) error {
	return g.on(func() error {
		if g.failure != nil {
			return g.failure
		}
		request := C.st_null()
		if err := check(start(&request)); err != nil {
			return err
		}
		for spins := 0; ; spins++ {
			var done C.int
			if err := check(C.st_test(&request, &done)); err != nil {
				return err
			}
			if done != 0 {
				return nil
			}
			if err := g.wait(spins); err != nil {
				return err
			}
		}
	})
}

// wait waits before the next look at an operation: not at all at first, because most are
// short, and then some time, which a step may compute in.
func (g *world) wait(spins int) error {
	const atOnce = 200
	if spins < atOnce {
		return nil
	}
	C.st_pause(C.long(min(spins-atOnce, 20)))
	if spins%64 == 0 {
		return g.notices()
	}
	return nil
}

// check turns a result of MPI to an error.
func check(err C.int) error {
	if err == C.MPI_SUCCESS {
		return nil
	}
	var text [C.st_text]C.char
	n := C.st_describe(err, &text[0])
	return fmt.Errorf("MPI: %s", C.GoStringN(&text[0], n))
}

func (g *world) Rank() int { return g.rank }

func (g *world) Size() int { return g.size }

func (g *world) Sum32(x []float32) error {
	return inParts(g, x, func(p unsafe.Pointer, n C.int, r *C.MPI_Request) C.int { return C.st_sum32(p, n, r) })
}

func (g *world) Sum64(x []float64) error {
	return inParts(g, x, func(p unsafe.Pointer, n C.int, r *C.MPI_Request) C.int { return C.st_sum64(p, n, r) })
}

func (g *world) Broadcast(root int, x []byte) error {
	if err := checkRank("the root of a broadcast", root, -1, g); err != nil {
		return err
	}
	return inParts(g, x, func(p unsafe.Pointer, n C.int, r *C.MPI_Request) C.int { return C.st_broadcast(p, n, C.int(root), r) })
}

func (g *world) Send(to int, x []byte) error {
	if err := checkRank("the receiver of a message", to, g.rank, g); err != nil {
		return err
	}
	return inParts(g, x, func(p unsafe.Pointer, n C.int, r *C.MPI_Request) C.int { return C.st_send(p, n, C.int(to), r) })
}

func (g *world) Receive(from int, x []byte) error {
	if err := checkRank("the sender of a message", from, g.rank, g); err != nil {
		return err
	}
	return inParts(g, x, func(p unsafe.Pointer, n C.int, r *C.MPI_Request) C.int { return C.st_receive(p, n, C.int(from), r) })
}

// Gather sends the lengths first, and then broadcasts from each rank in turn.
func (g *world) Gather(x []byte) ([][]byte, error) {
	lengths := make([]float64, g.size)
	lengths[g.rank] = float64(len(x))
	if err := g.Sum64(lengths); err != nil {
		return nil, err
	}
	out := make([][]byte, g.size)
	for i, n := range lengths {
		out[i] = make([]byte, int(n))
		if i == g.rank {
			copy(out[i], x)
		}
		if err := g.Broadcast(i, out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// inParts runs an operation on parts of an array that one call of MPI can take. The array
// stays where it is until all have ended.
func inParts[T any](g *world, x []T, start func(p unsafe.Pointer, n C.int, r *C.MPI_Request) C.int) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	if len(x) > 0 {
		pin.Pin(unsafe.SliceData(x))
	}
	for len(x) > 0 {
		part := x[:min(len(x), maxElement)]
		err := g.run(func(r *C.MPI_Request) C.int {
			return start(unsafe.Pointer(unsafe.SliceData(part)), C.int(len(part)), r)
		})
		if err != nil {
			return err
		}
		x = x[len(part):]
	}
	return nil
}

func (g *world) Fail(reason error) {
	err := g.on(func() error {
		if g.failure != nil {
			return nil // the others know
		}
		return g.lose(g.rank, wordsOf(reason))
	})
	var told *Failure
	if err != nil && !errors.As(err, &told) {
		fmt.Fprintf(os.Stderr, "rank %d: the others were not told: %v\n", g.rank, err)
	}
}

// Close waits for all ranks, unless one has failed: then it leaves MPI as it is, and
// mpirun ends what is left of the others.
func (g *world) Close() error {
	return g.on(func() error {
		g.left = true
		if g.failure != nil {
			return nil
		}
		return check(C.st_finish())
	})
}
