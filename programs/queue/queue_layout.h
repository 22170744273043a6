/* queue_layout: every directory and file that must stand below HOME/queue before the system runs, with its
   type, owner, group and mode; and the repair of what is missing or wrong.

   The messages themselves are no part of it. Owners of the directories are not trusted: nothing below queue is
   reached through a symbolic link, and rights are changed on what was opened, not on what a name says. */

#ifndef MAILTREE_QUEUE_LAYOUT_H
#define MAILTREE_QUEUE_LAYOUT_H

#include <stdbool.h>

/* Told for each correction: the path below HOME ("queue/lock/trigger"), and what was done ("created"). What is created
   is told once, without its owner and mode; a new queue without its parts. */
typedef void queue_layout_told(char const *path, char const *what);

/* Makes everything as the table says; needs root, working directory HOME, PROG set (missing users end the program
   as in accounts.h). False with errno and the path in trouble (static storage). A directory in a file's place and
   a file in a directory's place are left alone: EISDIR, ENOTDIR. */
bool queue_layout_repair(queue_layout_told *told, char const **culprit);

/* Changes nothing: tells of each thing what is wrong with it ("has wrong owner: it must be qmails"). */
bool queue_layout_look(queue_layout_told *told, char const **culprit);

#endif
