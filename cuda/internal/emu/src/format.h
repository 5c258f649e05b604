// A string from a printf format.
#pragma once
#include <string>

std::string format(const char* layout, ...) __attribute__((format(printf, 1, 2)));
