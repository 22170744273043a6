/* header: which fields a message brings, seen while it passes, and where its header ends. */

#ifndef MAILTREE_SMTP_HEADER_H
#define MAILTREE_SMTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

enum { HEADER_NAME = 11 };  /* bytes of a field name that are kept: one more than those we look for have */

/* Starts with zero: struct header h = { 0 }. */
struct header {
  bool has_date, has_id;
  bool is_none;             /* a line is neither a field nor belongs to one: nobody knows where the header ends */
  bool over;
  unsigned char at;
  size_t name_len;          /* up to HEADER_NAME */
  char name[HEADER_NAME];
};

/* How many of these stored bytes lie before the empty line that ends the header. If they are not all, it is over. */
size_t header_take(struct header *h, char const *s, size_t len);

#endif
