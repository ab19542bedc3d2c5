/* Advanced SIMD: integers (C7.2). */
#include "frontend/aarch64/a64.h"

const struct a64_rows a64_rows_simd_int = { 0 };
