/* For Criterion tests: two values that have to be equal, and the words for who failed when they are not. */
#ifndef WANT_H
#define WANT_H

#include <criterion/criterion.h>
#include <inttypes.h>

#define WANT_SAME(what, is, want, who, ...)                                                                       \
	do {                                                                                                      \
		uint64_t got_ = (uint64_t)(is), want_ = (uint64_t)(want);                                         \
		cr_assert(got_ == want_, who ": %s is 0x%" PRIx64 ", not 0x%" PRIx64, __VA_ARGS__, what, got_, want_); \
	} while (0)

#endif
