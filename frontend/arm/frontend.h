/* The door to the 32-bit ARM front end: lib/api and tests include this. */
#ifndef ARM_FRONTEND_H
#define ARM_FRONTEND_H

#include "iface/frontend.h"

extern const struct frontend frontend_arm;

#endif
