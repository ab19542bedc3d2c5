/* Files of IR cases, worked out: what dragoman-ir prints and the tests compare. doc/ir.md has the format. */
#ifndef TOOLS_IR_CASE_H
#define TOOLS_IR_CASE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes the text of a case file again, with every expectation replaced by what is. A file
 * whose expectations hold comes out unchanged. False, with a line on stderr, when the file
 * itself is malformed, memory is short, or a run line has different results on different executors.
 */
bool case_work_out(const char *name, const char *text, FILE *out);

#endif
