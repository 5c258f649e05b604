// The stand-in for libcuda: what its parts share. Every entry point takes the lock, counts itself, and fails if a test
// asks for it.
#pragma once
#include "device.h"

#pragma GCC visibility push(default)
#include <cuda.h>
#pragma GCC visibility pop

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

// An entry point: a C function, exported.
#define API extern "C" __attribute__((visibility("default")))

// Work is something that a stream or a graph does later.
typedef std::function<CUresult()> Work;

struct CUctx_st {
	unsigned flags = 0;
	int users = 0; // of the primary context
};

struct CUgraphNode_st {
	std::string name;
	Work work;
	std::vector<int> after; // the nodes that come before it
	CUgraphNodeType type;
};

struct CUgraph_st {
	CUcontext context;
	std::vector<CUgraphNode_st> nodes;
};

struct CUgraphExec_st {
	CUcontext context;
	std::vector<CUgraphNode_st> nodes;
};

struct CUevent_st {
	CUcontext context;
	unsigned flags = 0;
	CUstream stream = nullptr;
	uint64_t recorded = 0, done = 0; // number of the last record enqueued, and of the last reached
	double time = 0;                 // milliseconds
	CUgraph graph = nullptr;         // the capture that it was recorded in
	std::vector<int> nodes;
};

// Item is an entry of a stream's queue: work, the record of an event, or a wait for one.
struct Item {
	Work work;
	CUevent record = nullptr, wait = nullptr;
	uint64_t version = 0;
};

struct CUstream_st {
	CUcontext context;
	unsigned flags = 0;
	int priority = 0;
	std::deque<Item> queue;
	// The capture that it is part of.
	CUgraph capture = nullptr;
	bool origin = false, broken = false;
	CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
	unsigned long thread = 0;
	std::vector<int> last;
};

struct CUmod_st {
	CUcontext context;
	Module* module;
	std::vector<struct CUfunc_st*> functions;
};

struct CUfunc_st {
	CUmodule owner;
	const Kernel* kernel;
};

// Failure is a call that a test wants to fail.
struct Failure {
	std::string call;
	long nth; // calls until it fails; 0: every call fails
	CUresult code;
};

// Live counts what was created and not destroyed.
struct Live {
	long allocations = 0, bytes = 0, pinned = 0, streams = 0, events = 0, modules = 0, graphs = 0, contexts = 0;
};

struct Driver {
	std::recursive_mutex lock;
	bool ready = false; // cuInit was called
	int devices = 1, major = 9, minor = 0, version = CUDA_VERSION;
	bool late = false; // streams run only when someone waits for them
	CUresult lost = CUDA_SUCCESS;
	std::string fault;

	CUctx_st primary;
	std::set<CUcontext> contexts; // live ones except the primary
	std::map<uintptr_t, CUcontext> allocations;
	std::map<uintptr_t, std::pair<size_t, CUcontext>> pinned; // host memory: its size
	std::set<CUstream> streams;
	std::set<CUevent> events;
	std::set<CUmodule> modules;
	std::set<CUfunction> functions;
	std::set<CUgraph> graphs;
	std::set<CUgraphExec> execs;
	std::map<CUcontext, CUstream> legacy; // each context's stream 0
	Live leaked;                          // of contexts that are gone

	std::map<std::string, long> calls;
	std::vector<Failure> failures;
	uint64_t random = 1;

	Driver();
	// enter counts a call and says whether it must fail.
	CUresult enter(const char* call);
	// lose makes every later call fail.
	CUresult lose(CUresult code, const std::string& why);
	bool hostIsPinned(uintptr_t p, size_t bytes) const;
	void freePinned(uintptr_t p);
	// discard destroys everything in a context.
	void discard(CUcontext context);
	Live live() const;

	// Streams, in driver_stream.cc.
	CUstream resolve(CUstream stream); // nullptr if there is no such stream
	CUresult add(CUstream stream, const char* name, CUgraphNodeType type, Work work);
	CUresult drain(CUstream stream, CUevent until = nullptr, uint64_t version = 0);
	CUresult drainAll();
	CUresult legacyFirst(CUstream stream);
	bool capturing(bool legacyToo = false) const; // whether a capture makes forbidden calls fail
	CUresult runNodes(const std::vector<CUgraphNode_st>& nodes);
};

Driver& driver();

// The calling thread's current context, or nullptr.
CUcontext currentContext();

// Each entry point begins with one of these.
#define ENTER_ALWAYS(name) \
	std::lock_guard<std::recursive_mutex> locked(driver().lock); \
	Driver& d = driver(); \
	(void)d; \
	if (CUresult failed = d.enter(name)) return failed;
#define ENTER_READY(name) \
	ENTER_ALWAYS(name) \
	if (!d.ready) return CUDA_ERROR_NOT_INITIALIZED;
#define ENTER(name) \
	ENTER_READY(name) \
	if (d.lost) return d.lost; \
	if (!currentContext()) return CUDA_ERROR_INVALID_CONTEXT;
