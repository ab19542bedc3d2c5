/* Vector floating point (C7.2). */
#include "frontend/aarch64/a64.h"

const struct a64_rows a64_rows_fp_vec = { 0 };
