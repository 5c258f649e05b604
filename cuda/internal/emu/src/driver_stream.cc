// Streams, events and graphs. Work runs at once or, if streams run late, waits
// in its stream's queue until someone waits for it.
#include "driver.h"

#include <algorithm>
#include <ctime>
#include <pthread.h>

static double milliseconds() {
	timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return double(t.tv_sec) * 1e3 + double(t.tv_nsec) / 1e6;
}

static unsigned long self() { return (unsigned long)pthread_self(); }

CUstream Driver::resolve(CUstream s) {
	if (s == nullptr || s == CU_STREAM_LEGACY || s == CU_STREAM_PER_THREAD) {
		CUcontext c = currentContext();
		if (!c) return nullptr;
		CUstream& first = legacy[c];
		if (!first) {
			first = new CUstream_st;
			first->context = c;
			streams.insert(first);
		}
		return first;
	}
	return streams.count(s) ? s : nullptr;
}

// capturing says whether a capture forbids the caller's call: a capture of the
// calling thread, or one of any thread in global mode.
bool Driver::capturing(bool legacyToo) const {
	for (CUstream s : streams) {
		if (!s->capture || !s->origin) continue;
		if (legacyToo && !(s->flags & CU_STREAM_NON_BLOCKING)) return true;
		if (s->mode == CU_STREAM_CAPTURE_MODE_GLOBAL) return true;
		if (s->mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && s->thread == self()) return true;
	}
	return false;
}

// legacyFirst orders work of stream 0 and of the streams that wait for it.
CUresult Driver::legacyFirst(CUstream s) {
	bool isLegacy = legacy.count(s->context) && legacy[s->context] == s;
	for (CUstream other : std::vector<CUstream>(streams.begin(), streams.end())) {
		if (other == s || other->context != s->context || other->flags & CU_STREAM_NON_BLOCKING) continue;
		bool otherLegacy = legacy.count(s->context) && legacy[s->context] == other;
		if (isLegacy || (otherLegacy && !(s->flags & CU_STREAM_NON_BLOCKING)))
			if (CUresult r = drain(other)) return r;
	}
	return CUDA_SUCCESS;
}

CUresult Driver::add(CUstream s, const char* name, CUgraphNodeType type, Work work) {
	if (s->capture) {
		if (s->broken) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
		s->capture->nodes.push_back({name, work, s->last, type});
		s->last = {int(s->capture->nodes.size()) - 1};
		return CUDA_SUCCESS;
	}
	bool isLegacy = legacy.count(s->context) && legacy[s->context] == s;
	if (isLegacy)
		for (CUstream other : streams)
			if (other->capture && !(other->flags & CU_STREAM_NON_BLOCKING)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
	if (CUresult r = legacyFirst(s)) return r;
	Item item;
	item.work = work;
	s->queue.push_back(item);
	return late ? CUDA_SUCCESS : drain(s);
}

// drain runs a stream's queue, or its part up to the record of an event.
CUresult Driver::drain(CUstream s, CUevent until, uint64_t version) {
	while (!s->queue.empty() && !lost) {
		if (until && until->done >= version) return CUDA_SUCCESS;
		Item item = s->queue.front();
		s->queue.pop_front();
		if (item.record) {
			if (!events.count(item.record)) continue;
			item.record->done = item.version;
			item.record->time = milliseconds();
		} else if (item.wait) {
			CUevent e = item.wait;
			if (!events.count(e) || e->done >= item.version || !streams.count(e->stream)) continue;
			if (CUresult r = drain(e->stream, e, item.version)) return r;
		} else if (CUresult r = item.work()) {
			return lose(r, fault.empty() ? format("work of a stream failed with %d", int(r)) : fault);
		}
	}
	return lost;
}

CUresult Driver::drainAll() {
	for (CUstream s : std::vector<CUstream>(streams.begin(), streams.end()))
		if (streams.count(s))
			if (CUresult r = drain(s)) return r;
	return lost;
}

// runNodes runs a graph: in the order of capture, or in any order that its
// dependencies allow.
CUresult Driver::runNodes(const std::vector<CUgraphNode_st>& nodes) {
	std::vector<int> missing(nodes.size());
	std::vector<std::vector<int>> then(nodes.size());
	std::vector<int> ready;
	for (size_t i = 0; i < nodes.size(); i++) {
		missing[i] = int(nodes[i].after.size());
		for (int a : nodes[i].after) then[size_t(a)].push_back(int(i));
		if (!missing[i]) ready.push_back(int(i));
	}
	while (!ready.empty()) {
		size_t pick = 0;
		if (theDevice.order == 0) {
			pick = size_t(std::min_element(ready.begin(), ready.end()) - ready.begin());
		} else if (theDevice.order == 1) {
			pick = size_t(std::max_element(ready.begin(), ready.end()) - ready.begin());
		} else {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			pick = random % ready.size();
		}
		int n = ready[pick];
		ready.erase(ready.begin() + long(pick));
		if (CUresult r = nodes[size_t(n)].work()) {
			if (!fault.empty()) fault += format(" (node %d of a graph, %s)", n, nodes[size_t(n)].name.c_str());
			return r;
		}
		for (int t : then[size_t(n)])
			if (--missing[size_t(t)] == 0) ready.push_back(t);
	}
	return CUDA_SUCCESS;
}

#define STREAM(s) \
	s = d.resolve(s); \
	if (!s) return CUDA_ERROR_INVALID_HANDLE;

API CUresult cuStreamCreateWithPriority(CUstream* to, unsigned flags, int priority) {
	ENTER("cuStreamCreateWithPriority")
	if (flags & ~1u) return CUDA_ERROR_INVALID_VALUE;
	CUstream s = new CUstream_st;
	s->context = currentContext();
	s->flags = flags;
	s->priority = priority;
	d.streams.insert(s);
	*to = s;
	return CUDA_SUCCESS;
}

API CUresult cuStreamCreate(CUstream* to, unsigned flags) {
	ENTER("cuStreamCreate")
	CUresult r = cuStreamCreateWithPriority(to, flags, 0);
	d.calls["cuStreamCreateWithPriority"]--;
	return r;
}

API CUresult cuStreamDestroy(CUstream s) {
	ENTER("cuStreamDestroy")
	if (!d.streams.count(s)) return CUDA_ERROR_INVALID_HANDLE;
	if (s->capture && s->origin) {
		d.graphs.erase(s->capture);
		CUgraph g = s->capture;
		for (CUstream t : d.streams)
			if (t->capture == g) t->capture = nullptr, t->broken = false, t->last.clear();
		delete g;
	}
	CUresult r = d.drain(s);
	d.streams.erase(s);
	delete s;
	return r;
}

API CUresult cuStreamSynchronize(CUstream s) {
	ENTER("cuStreamSynchronize")
	STREAM(s)
	if (s->capture || (d.legacy.count(s->context) && d.legacy[s->context] == s && d.capturing(true))) {
		s->broken = s->capture != nullptr;
		return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	}
	if (CUresult r = d.legacyFirst(s)) return r;
	return d.drain(s);
}

API CUresult cuStreamQuery(CUstream s) {
	ENTER("cuStreamQuery")
	STREAM(s)
	if (s->capture) {
		s->broken = true;
		return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	}
	if (s->queue.empty()) return CUDA_SUCCESS;
	// The answer is "not ready" now, and "ready" the next time.
	if (CUresult r = d.drain(s)) return r;
	return CUDA_ERROR_NOT_READY;
}

API CUresult cuStreamGetFlags(CUstream s, unsigned* to) {
	ENTER("cuStreamGetFlags")
	STREAM(s)
	*to = s->flags;
	return CUDA_SUCCESS;
}

API CUresult cuStreamGetPriority(CUstream s, int* to) {
	ENTER("cuStreamGetPriority")
	STREAM(s)
	*to = s->priority;
	return CUDA_SUCCESS;
}

API CUresult cuStreamWaitEvent(CUstream s, CUevent e, unsigned) {
	ENTER("cuStreamWaitEvent")
	STREAM(s)
	if (!d.events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
	if (e->graph) { // recorded in a capture: the stream joins it
		if (!d.graphs.count(e->graph)) return CUDA_ERROR_INVALID_VALUE;
		if (s->capture && s->capture != e->graph) return CUDA_ERROR_STREAM_CAPTURE_MERGE;
		if (!s->capture) {
			s->capture = e->graph;
			s->origin = s->broken = false;
			s->last.clear();
		}
		for (int n : e->nodes)
			if (std::find(s->last.begin(), s->last.end(), n) == s->last.end()) s->last.push_back(n);
		return CUDA_SUCCESS;
	}
	if (s->capture) {
		s->broken = true;
		return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
	}
	if (!e->recorded) return CUDA_SUCCESS;
	Item item;
	item.wait = e;
	item.version = e->recorded;
	s->queue.push_back(item);
	return d.late ? CUDA_SUCCESS : d.drain(s);
}

API CUresult cuEventCreate(CUevent* to, unsigned flags) {
	ENTER("cuEventCreate")
	CUevent e = new CUevent_st;
	e->context = currentContext();
	e->flags = flags;
	d.events.insert(e);
	*to = e;
	return CUDA_SUCCESS;
}

API CUresult cuEventDestroy(CUevent e) {
	ENTER("cuEventDestroy")
	if (!d.events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
	CUresult r = d.streams.count(e->stream) ? d.drain(e->stream) : CUDA_SUCCESS;
	d.events.erase(e);
	delete e;
	return r;
}

API CUresult cuEventRecord(CUevent e, CUstream s) {
	ENTER("cuEventRecord")
	STREAM(s)
	if (!d.events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
	if (e->context != s->context) return CUDA_ERROR_INVALID_HANDLE;
	e->stream = s;
	if (s->capture) {
		if (s->broken) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
		e->graph = s->capture;
		e->nodes = s->last;
		return CUDA_SUCCESS;
	}
	e->graph = nullptr;
	Item item;
	item.record = e;
	item.version = ++e->recorded;
	s->queue.push_back(item);
	return d.late ? CUDA_SUCCESS : d.drain(s);
}

API CUresult cuEventSynchronize(CUevent e) {
	ENTER("cuEventSynchronize")
	if (!d.events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
	if (e->graph) return CUDA_ERROR_CAPTURED_EVENT;
	if (e->done >= e->recorded || !d.streams.count(e->stream)) return CUDA_SUCCESS;
	return d.drain(e->stream, e, e->recorded);
}

API CUresult cuEventQuery(CUevent e) {
	ENTER("cuEventQuery")
	if (!d.events.count(e)) return CUDA_ERROR_INVALID_HANDLE;
	if (e->graph) return CUDA_ERROR_CAPTURED_EVENT;
	if (e->done >= e->recorded || !d.streams.count(e->stream)) return CUDA_SUCCESS;
	if (CUresult r = d.drain(e->stream, e, e->recorded)) return r;
	return CUDA_ERROR_NOT_READY;
}

#undef cuEventElapsedTime
API CUresult cuEventElapsedTime(float* to, CUevent start, CUevent end) {
	ENTER("cuEventElapsedTime")
	if (!d.events.count(start) || !d.events.count(end)) return CUDA_ERROR_INVALID_HANDLE;
	if ((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) return CUDA_ERROR_INVALID_HANDLE;
	if (!start->recorded || !end->recorded) return CUDA_ERROR_INVALID_HANDLE;
	if (start->done < start->recorded || end->done < end->recorded) return CUDA_ERROR_NOT_READY;
	*to = float(end->time - start->time);
	return CUDA_SUCCESS;
}
API CUresult cuEventElapsedTime_v2(float* to, CUevent start, CUevent end) { return cuEventElapsedTime(to, start, end); }

API CUresult cuLaunchHostFunc(CUstream s, CUhostFn fn, void* data) {
	ENTER("cuLaunchHostFunc")
	STREAM(s)
	return d.add(s, "a host function", CU_GRAPH_NODE_TYPE_HOST, [fn, data] {
		fn(data);
		return CUDA_SUCCESS;
	});
}

// Graphs.

API CUresult cuStreamBeginCapture(CUstream s, CUstreamCaptureMode mode) {
	ENTER("cuStreamBeginCapture")
	if (s == nullptr || s == CU_STREAM_LEGACY) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	STREAM(s)
	if (s->capture) return CUDA_ERROR_ILLEGAL_STATE;
	s->capture = new CUgraph_st;
	s->capture->context = s->context;
	d.graphs.insert(s->capture);
	s->origin = true;
	s->broken = false;
	s->mode = mode;
	s->thread = self();
	s->last.clear();
	return CUDA_SUCCESS;
}

// precedes returns some nodes of a graph and all nodes that come before them.
static std::set<int> precedes(CUgraph g, std::vector<int> some) {
	std::set<int> all;
	while (!some.empty()) {
		int n = some.back();
		some.pop_back();
		if (!all.insert(n).second) continue;
		for (int a : g->nodes[size_t(n)].after) some.push_back(a);
	}
	return all;
}

API CUresult cuStreamEndCapture(CUstream s, CUgraph* to) {
	ENTER("cuStreamEndCapture")
	STREAM(s)
	if (to) *to = nullptr;
	if (!s->capture) return CUDA_ERROR_ILLEGAL_STATE;
	if (!s->origin) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
	if (s->mode != CU_STREAM_CAPTURE_MODE_RELAXED && s->thread != self()) return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
	CUgraph g = s->capture;
	CUresult r = CUDA_SUCCESS;
	std::set<int> joined = precedes(g, s->last);
	for (CUstream t : d.streams) {
		if (t->capture != g) continue;
		if (t->broken) r = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
		for (int n : t->last)
			if (!r && !joined.count(n)) r = CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
		t->capture = nullptr;
		t->origin = t->broken = false;
		t->last.clear();
	}
	if (r || !to) {
		d.graphs.erase(g);
		delete g;
		return r;
	}
	*to = g;
	return CUDA_SUCCESS;
}

API CUresult cuStreamIsCapturing(CUstream s, CUstreamCaptureStatus* to) {
	ENTER("cuStreamIsCapturing")
	STREAM(s)
	*to = !s->capture ? CU_STREAM_CAPTURE_STATUS_NONE : s->broken ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
	return CUDA_SUCCESS;
}

API CUresult cuGraphCreate(CUgraph* to, unsigned flags) {
	ENTER("cuGraphCreate")
	if (flags) return CUDA_ERROR_INVALID_VALUE;
	CUgraph g = new CUgraph_st;
	g->context = currentContext();
	d.graphs.insert(g);
	*to = g;
	return CUDA_SUCCESS;
}

API CUresult cuGraphGetNodes(CUgraph g, CUgraphNode* nodes, size_t* count) {
	ENTER("cuGraphGetNodes")
	if (!d.graphs.count(g)) return CUDA_ERROR_INVALID_VALUE;
	if (nodes)
		for (size_t i = 0; i < *count; i++) nodes[i] = i < g->nodes.size() ? &g->nodes[i] : nullptr;
	if (!nodes || *count > g->nodes.size()) *count = g->nodes.size();
	return CUDA_SUCCESS;
}

API CUresult cuGraphNodeGetType(CUgraphNode node, CUgraphNodeType* to) {
	ENTER("cuGraphNodeGetType")
	*to = node->type;
	return CUDA_SUCCESS;
}

API CUresult cuGraphInstantiateWithFlags(CUgraphExec* to, CUgraph g, unsigned long long) {
	ENTER("cuGraphInstantiateWithFlags")
	if (!d.graphs.count(g)) return CUDA_ERROR_INVALID_VALUE;
	CUgraphExec e = new CUgraphExec_st{g->context, g->nodes};
	d.execs.insert(e);
	*to = e;
	return CUDA_SUCCESS;
}

API CUresult cuGraphUpload(CUgraphExec e, CUstream s) {
	ENTER("cuGraphUpload")
	STREAM(s)
	return d.execs.count(e) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuGraphLaunch(CUgraphExec e, CUstream s) {
	ENTER("cuGraphLaunch")
	STREAM(s)
	if (!d.execs.count(e)) return CUDA_ERROR_INVALID_VALUE;
	if (s->capture) return CUDA_ERROR_NOT_SUPPORTED; // a graph within a graph
	return d.add(s, "a graph", CU_GRAPH_NODE_TYPE_GRAPH, [e]() -> CUresult {
		if (!driver().execs.count(e)) return CUDA_ERROR_INVALID_VALUE;
		return driver().runNodes(e->nodes);
	});
}

API CUresult cuGraphExecDestroy(CUgraphExec e) {
	ENTER("cuGraphExecDestroy")
	if (!d.execs.count(e)) return CUDA_ERROR_INVALID_VALUE;
	CUresult r = d.drainAll(); // launches in flight finish first
	d.execs.erase(e);
	delete e;
	return r;
}

API CUresult cuGraphDestroy(CUgraph g) {
	ENTER("cuGraphDestroy")
	if (!d.graphs.erase(g)) return CUDA_ERROR_INVALID_VALUE;
	delete g;
	return CUDA_SUCCESS;
}
