/* How the rows of a layout table are written: field of the host's type, place and size in the guest's. */
#ifndef LX_LAYOUT_H
#define LX_LAYOUT_H

#include <stddef.h>

#include "guest.h"
#include "host_types.h"

#define SIGN(T, m) ((__typeof__(((T *)0)->m))-1 < 1 ? LX_F_SIGNED : 0)
#define F(T, m, off, size) { offsetof(T, m), off, sizeof(((T *)0)->m), size, SIGN(T, m) }
#define BYTES(T, m, off, size) { offsetof(T, m), off, size, size, LX_F_BYTES }
/* A field that has the same place and size on both sides: only the byte order may differ. */
#define SAME(T, m) { offsetof(T, m), offsetof(T, m), sizeof(((T *)0)->m), sizeof(((T *)0)->m), SIGN(T, m) }
/* A 64-bit time in two words that need not touch. */
#define TIME_PAIR(T, m, low, high) { offsetof(T, m), low, 4, 4, 0 }, { offsetof(T, m) + 4, high, 4, 4, 0 }
#define FSID(T, i, off) { offsetof(T, f_fsid) + 4 * (i), off, 4, 4, 0 }
#define S(gsize, T, f) { gsize, sizeof(T), sizeof(f) / sizeof(f[0]), f }

#endif
