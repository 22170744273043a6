/* input: all of what a program reads, and what it makes of it aside. Each ends the program when it fails. */

#ifndef MAILTREE_FORWARD_INPUT_H
#define MAILTREE_FORWARD_INPUT_H

#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

enum { INPUT_MAX = 1 << 30 };     /* bytes; more is refused */

/* Appends what comes on descriptor 0. */
void input_read(stralloc *to);

/* The mode that umask leaves to a new file. */
mode_t input_mode(void);

/* "PROG: fatal: NAME line N: fault", with so many a code. */
_Noreturn void input_fault(int code, char const *name, size_t line, char const *fault);

/* The same as a warning, for who goes on looking. */
void input_warn(char const *name, size_t line, char const *fault, char const *what);

#endif
