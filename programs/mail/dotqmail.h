/* dotqmail: the names of the .qmail files that may speak for an address, in the order in which they are looked for.

     struct dotqmail_search s = { .dash = "-", .ext = "a-b" };
     while ((r = dotqmail_next(&s)) == 1) ...s.name: .qmail-a-b, .qmail-a-default, .qmail-default...

   Whoever delivers and whoever asks beforehand look for the same files. dot-qmail(5). */

#ifndef MAILTREE_DOTQMAIL_H
#define MAILTREE_DOTQMAIL_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>
#include <sys/types.h>

/* Mode bits that a home directory or a .qmail file must not have, since others could write it: what control/patrn says,
   an octal number. What is none means the usual. */
mode_t dotqmail_patrn(char const *s, size_t len);
bool dotqmail_patrn_ok(char const *s, size_t len);

struct dotqmail_search {
  char const *dash, *ext;
  bool begun;
  size_t at;
  char const *default_part;     /* the end of ext that "default" in name stands for, or null */
  stralloc name;                /* with an uncounted NUL; its owner is the caller */
};

/* 1 with the next name, 0 when there is no more, -1 without memory. */
int dotqmail_next(struct dotqmail_search *s);

/* Replaces *to by ".qmail", the dash, the first len bytes of ext in lower case and with ':' for '.', and the ending;
   a NUL follows uncounted. 1, or 0 without memory. */
int dotqmail_name(stralloc *to, char const *dash, char const *ext, size_t len, char const *ending);

#endif
