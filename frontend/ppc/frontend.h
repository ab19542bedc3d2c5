/* The door to the PowerPC front end: lib/api and tests include this. */
#ifndef PPC_FRONTEND_H
#define PPC_FRONTEND_H

#include "iface/frontend.h"

extern const struct frontend frontend_ppc;

#endif
