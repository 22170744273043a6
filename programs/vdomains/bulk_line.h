/* bulk_line: one of many users who are added at once, as a line:

     address:password[:comment[:quota]]

   The password may be a hash as crypt(5) has it, $y$..., or one behind its {SCHEME}. Pure. */

#ifndef MAILTREE_VDOMAINS_BULK_LINE_H
#define MAILTREE_VDOMAINS_BULK_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

enum { BULK_LINE_MAX = 4096 };

struct bulk_line {
  struct field address, password, comment, quota;       /* the last two empty when nothing is said */
};

enum bulk_line_result { BULK_LINE_USER, BULK_LINE_NOTHING /* empty, or begins with # */, BULK_LINE_WRONG };

/* The line has no end. */
enum bulk_line_result bulk_line_parse(struct bulk_line *to, char const *s, size_t len);

bool bulk_line_is_hash(struct field password);

#endif
