/* line_message: what the programs of this family do with the message when they stand in a line of a .qmail file. They run with
   what a delivery gives them: its variables, and the message on descriptor 0. Each ends the program when it fails. */

#ifndef MAILTREE_LINE_MESSAGE_H
#define MAILTREE_LINE_MESSAGE_H

#include <skalibs/stralloc.h>

#include "resend.h"

/* The value; "PROG: fatal: NAME not set", exit 100, where there is none. */
char const *line_variable(char const *name);

/* Queues the message below the Delivered-To line; returns "qp". Ends with the verdict of the queue: 100 or 111. */
unsigned long line_resend(struct resend const *wanted);

/* "PROG: qp N" on descriptor 2, and the end. */
_Noreturn void line_queued(int code, unsigned long qp);

#endif
