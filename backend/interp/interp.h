/* The back end that runs IR as it is: reference of all others, always safe, no executable memory. */
#ifndef INTERP_INTERP_H
#define INTERP_INTERP_H

#include "iface/backend.h"

extern const struct backend backend_interp;

#endif
