/* list_options: the options of a program of lists. They stand before DIR, but what they start from are files in DIR: so the
   directory is found first, entered, and then files and options are applied in that order; the last one counts. */

#ifndef MAILTREE_LIST_OPTIONS_H
#define MAILTREE_LIST_OPTIONS_H

#include <stdbool.h>

#include "list.h"

enum list_option_kind {
  OPTION_ON, OPTION_OFF,            /* to: a bool; file: the flag it starts from, where that is there (for OPTION_OFF: it starts false) */
  OPTION_COUNT_UP, OPTION_COUNT_NONE,     /* to: an unsigned, one more each time; 0 again */
  OPTION_NUMBER,                    /* to: a uint64_t; file: the setting it starts from; anything but digits is wrong use */
  OPTION_TEXT,                      /* to: a char const *; file: the setting it starts from */
  OPTION_IGNORED                    /* accepted for the sake of old .qmail lines */
};

struct list_option {
  char letter;
  enum list_option_kind kind;
  void *to;
  char const *file;                 /* null: none */
};

enum list_wants { LIST_NEEDED, LIST_MAYBE, LIST_NONE };    /* whether the program has a directory as its first argument */

/* Reads the options (the last row has letter 0), enters the list where one is named, and returns the index of the first argument
   behind DIR. -v and -V print "ezmlm version: ezmlm-idx-..." and exit 0. Wrong use: "PROG: usage: USAGE", exit 100. */
int list_options(struct list *l, int argc, char const *const *argv, struct list_option const *options, enum list_wants wants,
                 char const *usage);

#endif
