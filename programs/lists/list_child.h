/* list_child: a program of lists runs another one with a message. */

#ifndef MAILTREE_LIST_CHILD_H
#define MAILTREE_LIST_CHILD_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "list.h"

enum { LIST_WORDS_MAX = 32 };

/* The words of a command line; each stays the caller's. */
struct list_command { char const *words[LIST_WORDS_MAX + 1]; unsigned count; };

void list_command_add(struct list_command *c, char const *word);

/* Where a program of this family is; it stays. */
char const *list_program(char const *name);

/* The list as a program that starts within its directory names it. */
char const *list_here(struct list const *l);

/* What .qmail lines give: one word is a command for the shell, several are a program and its arguments. */
void list_command_given(struct list_command *c, char const *const *words);

/* Becomes the program; ends with 111 when it cannot. */
_Noreturn void list_become(struct list const *l, struct list_command const *c);

/* Runs it with the file, from where that stands, on descriptor 0; its exit code, or LIST_TROUBLE when it was killed. */
int list_run(struct list const *l, struct list_command const *c, int message);

/* What a program that runs another one says and ends with when that has ended with this code: 0, 100 or 111. */
int list_child_verdict(struct list const *l, int code);

#endif
