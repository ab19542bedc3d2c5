/* What must hold, and of which attempt: the test ends where it does not. */
#ifndef STARVE_REQUIRE_H
#define STARVE_REQUIRE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static char what[120];

static void require(bool ok, const char *why, int line)
{
	if (ok)
		return;
	fprintf(stderr, "%s: line %d: %s\n", what, line, why);
	abort();
}
#define REQUIRE(x) require(x, #x, __LINE__)

#endif
