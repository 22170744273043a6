/* edited_text: the new text in a reply to a text that was sent to be edited. Pure. */

#ifndef MAILTREE_EDITED_TEXT_H
#define MAILTREE_EDITED_TEXT_H

#include <skalibs/stralloc.h>

#include "fields.h"

enum { EDITED_TEXT_MAX = 10240 };

enum edited_text { EDITED_TEXT_OK, EDITED_TEXT_NO_MARK, EDITED_TEXT_TOO_LONG };

/* What stands between the line with the one mark and the next with the other, without what a mail program has put before each line to
   show that it is a quotation, and without CR. Appends. */
struct edited_marks { struct field start, end; };
enum edited_text edited_text_read(stralloc *to, struct field body, struct edited_marks const *marks);

#endif
