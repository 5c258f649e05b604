#include "format.h"

#include <cstdarg>
#include <cstdio>

std::string format(const char* layout, ...) {
	va_list args, again;
	va_start(args, layout);
	va_copy(again, args);
	int n = vsnprintf(nullptr, 0, layout, args);
	std::string s(size_t(n) + 1, 0);
	vsnprintf(&s[0], s.size(), layout, again);
	s.resize(size_t(n));
	va_end(args);
	va_end(again);
	return s;
}
