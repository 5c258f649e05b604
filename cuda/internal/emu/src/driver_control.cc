// Controls for tests, and functions that the other libraries here call.
#include "driver.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

Driver& driver() {
	static Driver* d = new Driver; // never destroyed: destructors run in any order when a program ends
	return *d;
}

// plain is a function's name without the suffix of its version.
static std::string plain(const char* call) {
	std::string s = call;
	size_t at = s.rfind("_v");
	if (at != s.npos && at + 2 < s.size() && s.find_first_not_of("0123456789", at + 2) == s.npos) s.resize(at);
	return s;
}

// fatal says whether no call works after this error.
static bool fatal(CUresult code) {
	switch (int(code)) {
	case 46: case 214: case 220: case 700: case 702: case 710: case 714: case 715: case 716: case 717: case 718: case 719: return true;
	}
	return false;
}

// The environment sets what emuMode and the others do:
// STHENO_EMU="late loose order=7 memory=1000000 capability=80 devices=0 version=12040 fail=cuMemAlloc:3:2".
Driver::Driver() {
	const char* env = getenv("STHENO_EMU");
	std::string s = env ? env : "";
	for (size_t i = 0; i < s.size();) {
		size_t end = s.find_first_of(" ,", i);
		if (end == s.npos) end = s.size();
		std::string word = s.substr(i, end - i);
		i = end + 1;
		size_t eq = word.find('=');
		std::string key = word.substr(0, eq), value = eq == word.npos ? "" : word.substr(eq + 1);
		unsigned long n = strtoul(value.c_str(), nullptr, 10);
		if (key == "late") late = true;
		else if (key == "loose") theDevice.strict = false;
		else if (key == "order") theDevice.order = n;
		else if (key == "memory") theDevice.heap.total = n;
		else if (key == "capability") major = int(n / 10), minor = int(n % 10);
		else if (key == "devices") devices = int(n);
		else if (key == "version") version = int(n);
		else if (key == "fail") {
			size_t a = value.find(':'), b = value.rfind(':');
			if (a != value.npos && b > a) failures.push_back({plain(value.substr(0, a).c_str()), atol(value.c_str() + a + 1), CUresult(atoi(value.c_str() + b + 1))});
		} else if (!key.empty())
			fprintf(stderr, "emulator: STHENO_EMU: unknown word %s\n", word.c_str());
	}
	random = theDevice.order * 0x9e3779b97f4a7c15u + 1;
}

CUresult Driver::enter(const char* call) {
	std::string name = plain(call);
	calls[name]++;
	for (size_t i = 0; i < failures.size(); i++) {
		Failure& f = failures[i];
		if (f.call != name) continue;
		CUresult code = f.code;
		if (f.nth > 0) {
			if (--f.nth > 0) continue;
			failures.erase(failures.begin() + long(i));
		}
		if (fatal(code)) lose(code, format("%s fails with %d, as was asked", call, int(code)));
		return code;
	}
	return CUDA_SUCCESS;
}

CUresult Driver::lose(CUresult code, const std::string& why) {
	if (!lost) {
		lost = code;
		fault = why;
		fprintf(stderr, "emulator: %s\n", why.c_str());
	}
	for (CUstream s : streams) s->queue.clear();
	return lost;
}

Live Driver::live() const {
	Live l = leaked;
	l.allocations += long(allocations.size());
	l.bytes += long(theDevice.heap.used);
	l.pinned += long(pinned.size());
	l.streams += long(streams.size() - legacy.size());
	l.events += long(events.size());
	l.modules += long(modules.size());
	l.graphs += long(graphs.size() + execs.size());
	l.contexts += long(contexts.size()) + (primary.users > 0);
	return l;
}

void Driver::freePinned(uintptr_t p) {
	auto it = pinned.find(p);
	if (it == pinned.end()) return;
	uintptr_t page = 4096, start = p / page * page;
	munmap(reinterpret_cast<void*>(start), (p + it->second.first - start + page - 1) / page * page);
	pinned.erase(it);
}

// ofContext returns the handles of a set that belong to a context.
template <class T> static std::vector<T> ofContext(const std::set<T>& all, CUcontext context) {
	std::vector<T> some;
	for (T t : all)
		if (t->context == context) some.push_back(t);
	return some;
}

void Driver::discard(CUcontext context) {
	Live before = live();
	for (CUgraphExec e : ofContext(execs, context)) execs.erase(e), delete e;
	for (CUgraph g : ofContext(graphs, context)) graphs.erase(g), delete g;
	for (CUevent e : ofContext(events, context)) events.erase(e), delete e;
	for (CUstream s : ofContext(streams, context)) {
		auto first = legacy.find(context);
		if (first != legacy.end() && first->second == s) legacy.erase(first);
		streams.erase(s);
		delete s;
	}
	for (CUmodule m : ofContext(modules, context)) {
		for (CUfunction f : m->functions) functions.erase(f), delete f;
		modules.erase(m);
		delete m->module;
		delete m;
	}
	std::vector<uintptr_t> gone;
	for (auto& a : allocations)
		if (a.second == context) gone.push_back(a.first);
	for (uintptr_t p : gone) theDevice.heap.free(p), allocations.erase(p);
	gone.clear();
	for (auto& a : pinned)
		if (a.second.second == context) gone.push_back(a.first);
	for (uintptr_t p : gone) freePinned(p);
	if (lost) { // what a program could not destroy is not a leak
		lost = CUDA_SUCCESS;
		return;
	}
	Live after = live();
	leaked.allocations += before.allocations - after.allocations;
	leaked.bytes += before.bytes - after.bytes;
	leaked.pinned += before.pinned - after.pinned;
	leaked.streams += before.streams - after.streams;
	leaked.events += before.events - after.events;
	leaked.modules += before.modules - after.modules;
	leaked.graphs += before.graphs - after.graphs;
}

#define LOCK std::lock_guard<std::recursive_mutex> locked(driver().lock)

// emuFail makes the nth call from now on of a function fail with a code and do
// nothing; nth 0: every call. Code 0 undoes this for the function; without a function's name, for all.
API void emuFail(const char* call, int nth, int code) {
	LOCK;
	std::vector<Failure>& failures = driver().failures;
	std::string name = call ? plain(call) : "";
	if (code) {
		failures.push_back({name, nth, CUresult(code)});
		return;
	}
	for (size_t i = failures.size(); i-- > 0;)
		if (name.empty() || failures[i].call == name) failures.erase(failures.begin() + long(i));
}

// emuCalls is how often a function was called; without a name, all of them.
API long emuCalls(const char* call) {
	LOCK;
	if (call && *call) {
		auto it = driver().calls.find(plain(call));
		return it == driver().calls.end() ? 0 : it->second;
	}
	long n = 0;
	for (auto& c : driver().calls) n += c.second;
	return n;
}

// emuLive counts what is not destroyed, or was not when its context was destroyed. A pointer may be null.
API void emuLive(long* allocations, long* bytes, long* pinned, long* streams, long* events, long* modules, long* graphs, long* contexts) {
	LOCK;
	Live l = driver().live();
	if (allocations) *allocations = l.allocations;
	if (bytes) *bytes = l.bytes;
	if (pinned) *pinned = l.pinned;
	if (streams) *streams = l.streams;
	if (events) *events = l.events;
	if (modules) *modules = l.modules;
	if (graphs) *graphs = l.graphs;
	if (contexts) *contexts = l.contexts;
}

// emuMemory sets how many bytes the device has.
API void emuMemory(unsigned long total) {
	LOCK;
	theDevice.heap.total = total;
}

// emuDevice sets how many devices there are, their compute capability (90 for 9.0), and the driver's version (12040 for
// 12.4); a negative number changes nothing.
API void emuDevice(int count, int capability, int version) {
	LOCK;
	Driver& d = driver();
	if (count >= 0) d.devices = count;
	if (capability >= 0) d.major = capability / 10, d.minor = capability % 10;
	if (version >= 0) d.version = version;
}

// emuFault copies the last fault and returns its length; 0: none.
API int emuFault(char* to, size_t size) {
	LOCK;
	const std::string& s = driver().fault;
	if (to && size) {
		size_t n = s.size() < size - 1 ? s.size() : size - 1;
		memcpy(to, s.data(), n);
		to[n] = 0;
	}
	return int(s.size());
}

// emuMode sets whether streams run late, the order of blocks, threads and a
// graph's nodes, and whether memory is checked, for modules loaded from now on.
API void emuMode(int late, unsigned long order, int strict) {
	LOCK;
	driver().late = late;
	driver().random = order * 0x9e3779b97f4a7c15u + 1;
	theDevice.order = order;
	theDevice.strict = strict;
}

// emuLose makes all calls fail with a code, like those of a lost device, until its context is destroyed.
API void emuLose(int code) {
	LOCK;
	driver().lose(CUresult(code), format("the device is lost with %d, as was asked", code));
}

// emuReset frees everything that programs created and clears counts, failures and faults.
API void emuReset() {
	LOCK;
	Driver& d = driver();
	d.lost = CUDA_ERROR_UNKNOWN; // what is freed here is not a leak
	std::set<CUcontext> contexts = d.contexts;
	for (CUcontext c : contexts) d.discard(c), d.contexts.erase(c), delete c;
	d.discard(&d.primary);
	d.primary.users = 0;
	d.lost = CUDA_SUCCESS;
	d.leaked = Live();
	d.calls.clear();
	d.failures.clear();
	d.fault.clear();
}

// What the stand-in for cuBLAS calls.

API int emuEnter(const char* call) {
	LOCK;
	CUresult r = driver().enter(call);
	if (r == CUDA_SUCCESS && driver().lost) return driver().lost;
	return r;
}
// emuEnterOnly is for calls that also work on a lost device.
API int emuEnterOnly(const char* call) {
	LOCK;
	return driver().enter(call);
}
API int emuHasContext() {
	LOCK;
	return currentContext() != nullptr;
}
API int emuStrict() {
	LOCK;
	return theDevice.strict;
}

// emuEnqueue makes a stream call run with a copy of data.
API int emuEnqueue(void* stream, const char* name, int (*run)(void*), const void* data, size_t size) {
	LOCK;
	Driver& d = driver();
	CUstream s = d.resolve(static_cast<CUstream>(stream));
	if (!s) return CUDA_ERROR_INVALID_HANDLE;
	std::string copy(static_cast<const char*>(data), size);
	return d.add(s, name, CU_GRAPH_NODE_TYPE_KERNEL, [run, copy]() mutable { return CUresult(run(&copy[0])); });
}

// emuReach checks memory that a library's work uses, and records what it writes.
API int emuReach(unsigned long p, size_t bytes, int write, const char* who) {
	LOCK;
	std::string fault = theDevice.reach(p, bytes, write, who);
	if (!fault.empty()) return driver().lose(CUDA_ERROR_LAUNCH_FAILED, fault);
	if (write) theDevice.heap.mark(p, bytes, stateSet);
	return 0;
}

// emuClobber marks memory as never written.
API int emuClobber(unsigned long p, size_t bytes, const char* who) {
	LOCK;
	if (int r = emuReach(p, bytes, 1, who)) return r;
	memset(reinterpret_cast<void*>(p), 0xff, bytes);
	theDevice.heap.mark(p, bytes, stateUnset);
	return 0;
}

// emuMissing is the body of a function that is not emulated.
API int emuMissing(const char* name) {
	LOCK;
	if (CUresult failed = driver().enter(name)) return failed;
	fprintf(stderr, "emulator: %s is not emulated\n", name);
	return CUDA_ERROR_NOT_SUPPORTED;
}
