/* vpasswd_text: the text of vpasswd with some users added, changed or removed. Pure.

   A new user comes in front of the first one with a greater name. Lines that are no users stay where they are. */

#ifndef MAILTREE_VPASSWD_TEXT_H
#define MAILTREE_VPASSWD_TEXT_H

#include "store.h"

/* Appends the new text. What store.h says of edit; STORE_TROUBLE is a want of memory, or EPROTO: a line that is to be
   altered is damaged. */
enum store_result vpasswd_text_edit(stralloc *to, char const *text, size_t len,
                                    struct store_edit const *edits, size_t count, size_t *culprit);

/* Cuts the next line, with its end, off the text; *is_user when it is one, and then the name is set. False at the
   end. */
bool vpasswd_text_next(struct field *line, struct field *name, bool *is_user, struct field *text);

/* Names as vpasswd is sorted: by the bytes of their lower case. */
int vpasswd_text_compare(struct field a, struct field b);

#endif
