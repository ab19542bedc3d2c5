/* The door to the AArch64 front end: lib/api and tests include this. */
#ifndef A64_FRONTEND_H
#define A64_FRONTEND_H

#include "iface/frontend.h"

extern const struct frontend frontend_aarch64;

#endif
