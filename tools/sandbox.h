/*
 * --sandbox: what the program is kept in, by what the host's kernel has for that (name spaces of users, mounts, network,
 * processes and IPC). Nothing of it depends on the translator. For dragoman.c alone.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

/*
 * True: this is now a process inside, whose files are those of `root` and, to be read only, those that this program
 * is made of (backend_dir, or NULL, among them). False: *status is what the calling process is to end with, because the
 * one inside has ended or because the host lacks something, which has been told then. Call it before there are threads.
 */
bool sandbox_enter(const char *root, const char *backend_dir, int *status);

#endif
