/* header: take the header off a message that comes in, field by field, whatever stands there. */

#ifndef MAILTREE_HEADER_H
#define MAILTREE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/buffer.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "field.h"

enum { HEADER_MAX = 1 << 20 };      /* bytes of a header */

struct header_field {
  size_t begin, end;        /* in the header's text, with continuation lines and last newline */
  size_t name_len, body;    /* body: from begin to behind the colon */
  struct field_rule const *rule;
};

struct header {
  stralloc text;
  genalloc fields;          /* struct header_field */
  bool has_body;
  stralloc body_start;      /* what was read of the body, without the empty line before it */
};
#define HEADER_ZERO { .text = STRALLOC_ZERO }

enum header_result { HEADER_OK, HEADER_TOO_LONG, HEADER_UNREADABLE /* errno */ };

/* Reads to the first line that is neither a field nor the continuation of one; that line, unless it is empty, begins the
   body. A line "From ..." becomes a field MBOX-Line. A last line without newline gets one. CRs before a newline go. */
enum header_result header_read(struct header *h, buffer *in);

static inline size_t header_count(struct header const *h) { return genalloc_len(struct header_field, &h->fields); }

static inline struct header_field const *header_field(struct header const *h, size_t i)
{
  return genalloc_s(struct header_field const, &h->fields) + i;
}

#endif
