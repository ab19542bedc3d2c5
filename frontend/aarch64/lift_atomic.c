/* Exclusives, acquire and release, LSE atomics (C6.2, B2.9). */
#include "frontend/aarch64/a64.h"

const struct a64_rows a64_rows_atomic = { 0 };
