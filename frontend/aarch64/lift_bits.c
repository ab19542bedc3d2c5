/* Bitfields, extract, counts and reversals, CRC32, variable shifts (C6.2). */
#include "frontend/aarch64/a64.h"

const struct a64_rows a64_rows_bits = { 0 };
