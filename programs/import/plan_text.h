/* plan_text: files that change together, as one text. Who is stopped in the middle begins again with it. Pure.

     KIND PATH NUL LENGTH NUL bytes          for each file: w is written, r is removed and has no bytes
     CHECKSUM                                CRC-32 of all before, eight hex digits */

#ifndef MAILTREE_IMPORT_PLAN_TEXT_H
#define MAILTREE_IMPORT_PLAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct plan_file { bool is_removed; char const *path; struct field text; };

void plan_text_add(stralloc *plan, struct plan_file const *file);
void plan_text_end(stralloc *plan);

/* Whether it is a plan from beginning to end. */
bool plan_text_is_whole(char const *s, size_t len);

/* The file at *at of a whole plan, which moves behind it. False at the end. */
bool plan_text_next(struct plan_file *file, char const *s, size_t len, size_t *at);

#endif
