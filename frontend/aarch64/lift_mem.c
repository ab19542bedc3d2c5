/* Loads and stores of general registers, pairs, literals, prefetch (C6.2). */
#include "frontend/aarch64/a64.h"

const struct a64_rows a64_rows_mem = { 0 };
