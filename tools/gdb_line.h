/* The line to GDB: for dragoman.c alone. */
#ifndef GDB_LINE_H
#define GDB_LINE_H

#include "dragoman/linux.h"

/*
 * Waits for GDB where an option says: a port of this machine (0: any that is free), unix:PATH, or stdio, which takes standard input
 * and output away from the program. A descriptor, or -1 after a complaint.
 */
int gdb_line_open(const char *where);

/* Gives the guest to GDB: starts the thread that reads. dgm_linux_error says why it could not. */
DGM_CHECK dgm_status gdb_line_start(dgm_linux *lx, int fd);

#endif
