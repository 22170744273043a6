/* remote_mime: what the header of a MIME entity says of its body (RFC 2045). */

#ifndef MAILTREE_REMOTE_MIME_H
#define MAILTREE_REMOTE_MIME_H

#include <stdbool.h>
#include <stddef.h>

enum { MIME_BOUNDARY_MAX = 70 };    /* RFC 2046 5.1.1 */

enum mime_coding { MIME_7BIT /* also when nothing is said */, MIME_8BIT, MIME_BINARY, MIME_CODED, MIME_UNKNOWN_CODING };

enum mime_kind {
  MIME_LEAF,
  MIME_PARTS, MIME_SEALED_PARTS,    /* whose bytes are signed, or have another meaning to who opens them */
  MIME_MESSAGE,                     /* a message with a header of its own */
  MIME_SEALED_LEAF                  /* a leaf for which no coding is allowed, or that nobody may touch */
};

struct mime {
  bool is_said;                     /* MIME-Version or Content-Type is there */
  bool is_typed, is_digest;         /* Content-Type is there; parts that say nothing are messages */
  bool is_broken;                   /* a field comes twice, or parts have no boundary */
  enum mime_kind kind;
  enum mime_coding coding;
  size_t boundary_len;
  char boundary[MIME_BOUNDARY_MAX];
};

/* Of a header: lines that end with LF, without the empty one at its end. */
void mime_read(struct mime *to, char const *header, size_t len);

/* The length of the field that begins the header, with all its lines. */
size_t mime_field_len(char const *header, size_t len);

/* What follows its name and colon, to its end; null: it has another name. */
char const *mime_field_value(char const *field, size_t len, char const *name);
bool mime_field_is(char const *field, size_t len, char const *name);

#endif
