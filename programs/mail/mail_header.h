/* mail_header: take the header off a message that comes in, field by field, whatever stands there. */

#ifndef MAILTREE_MAIL_HEADER_H
#define MAILTREE_MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/buffer.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "fields.h"

enum { MAIL_HEADER_MAX = 1 << 20 };     /* bytes of a header */

struct mail_header_field {
  size_t begin, end;        /* in the header's text, with continuation lines and last newline */
  size_t name_len, body;    /* body: from begin to behind the colon */
};

struct mail_header {
  stralloc text;
  genalloc fields;          /* struct mail_header_field */
  bool has_body;
  stralloc body_start;      /* what was read of the body, without the empty line before it */
};
#define MAIL_HEADER_ZERO { .text = STRALLOC_ZERO }

enum mail_header_result { MAIL_HEADER_OK, MAIL_HEADER_TOO_LONG, MAIL_HEADER_UNREADABLE /* errno; ENOMEM as well */ };

/* The length of the name when the line begins with a field name, blanks and a colon; else 0. *body is then the index
   behind the colon. */
size_t mail_header_name_length(char const *s, size_t len, size_t *body);

/* Reads to the first line that is neither a field nor the continuation of one; that line, unless it is empty, begins the
   body. A line "From ..." becomes a field MBOX-Line. A last line without newline gets one. CRs before a newline go. */
enum mail_header_result mail_header_read(struct mail_header *h, buffer *in);

static inline size_t mail_header_count(struct mail_header const *h) { return genalloc_len(struct mail_header_field, &h->fields); }

static inline struct mail_header_field const *mail_header_field(struct mail_header const *h, size_t i)
{
  return genalloc_s(struct mail_header_field const, &h->fields) + i;
}

static inline struct field mail_header_name(struct mail_header const *h, struct mail_header_field const *f)
{
  return (struct field){ h->text.s + f->begin, f->name_len };
}

/* Without the blanks and line ends around it; those within it stay. */
struct field mail_header_value(struct mail_header const *h, struct mail_header_field const *f);

/* The value of the first field of that name, in any case. False: there is none. */
bool mail_header_find(struct field *value, struct mail_header const *h, char const *name);

#endif
