/* chunk: the argument of BDAT (RFC 3030 2): how many bytes follow the line, and whether they are the last of the message. */

#ifndef MAILTREE_SMTP_CHUNK_H
#define MAILTREE_SMTP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk {
  uint64_t len;
  bool is_last;
};

/* False when it cannot be known where the next command begins: no number, one of more than 19 digits, another word
   than LAST behind it. */
bool chunk_read(struct chunk *to, char const *s, size_t len);

#endif
