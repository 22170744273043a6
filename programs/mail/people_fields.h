/* people_fields: addresses in fields of a header that name people, each changed where it stands. Nothing else of the header changes. Pure. */

#ifndef MAILTREE_PEOPLE_FIELDS_H
#define MAILTREE_PEOPLE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "addrlist.h"

/* An address of a list, and what is to stand in place of a part of the list's text: from begin to end of it comes instead. */
struct people_address {
  struct token const *tokens;
  struct addrlist_span span;
  size_t begin, end;
  stralloc instead;             /* empty when it is asked for */
};

struct people_fields {
  char const *const *names;     /* up to a null */
  /* Sets begin, end and instead; unfolded is the text in which the tokens lie. False: it stays. */
  bool (*change)(struct people_address *a, char const *unfolded, void const *with);
  void const *with;
};

/* Appends the header, whose fields are ended by LF. A field stays as it is where its list cannot be understood, or lacks commas, so
   that it is words and no addresses. */
void people_fields_change(stralloc *to, char const *header, size_t len, struct people_fields const *wanted);

#endif
