/* What the files of the program dragoman have in common. For them alone. */
#ifndef COMMON_H
#define COMMON_H

#include <stdbool.h>

enum { EXIT_USAGE = 2, EXIT_CANNOT = 126, EXIT_NOT_FOUND = 127 };

/* To standard error; why may be NULL. */
void complain(const char *what, const char *why);

/* Writes all of a text to a file that is there; false: errno says why not. */
bool put_text(const char *path, const char *text);

/* Ends this process by a signal, without a core dump. The status to exit with if that does not end it. */
int die_by(int sig);

#endif
