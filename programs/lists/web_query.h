/* web_query: which page of an archive is asked for. Pure.

     LISTNO:XYZ:NUMBER[:YYYYMM][:HASH]    in QUERY_STRING; X what is wanted: m a message, s a subject, a an author, d a month, i an index;
                                          Y along what, Z: s the same, n the next one, p the one before
     /LISTNO/NUMBER  /LISTNO/index  /LISTNO/index/GROUP  /index        in PATH_INFO */

#ifndef MAILTREE_WEB_QUERY_H
#define MAILTREE_WEB_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"

enum { WEB_QUERY_MAX = 256 };

struct web_query {
  uint64_t list;                /* 0: the first */
  char view, axis, step;        /* view 0: nothing is said, threads of this month */
  uint64_t number;
  unsigned month;               /* YYYYMM; 0: none */
  struct field hash;            /* of a subject or an author; empty: none */
};

/* False for what is none of these. */
bool web_query_read(struct web_query *q, struct field query, struct field path);

/* So many months later, or with a negative number earlier. */
unsigned web_month(unsigned month, int later);

#endif
