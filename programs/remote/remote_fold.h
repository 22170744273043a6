/* remote_fold: lines that are longer than SMTP allows (RFC 5321 4.5.3.1.6), made of shorter ones where that changes
   nothing that is meant.

   A header field is folded before a blank, as RFC 5322 2.2.3 has it. A line of the body is ended behind a blank, if the
   body is plain text in no encoding. Nothing is touched in a message that somebody has signed: the signature would be no
   longer good. A line without a blank in the right place stays as it is. */

#ifndef MAILTREE_REMOTE_FOLD_H
#define MAILTREE_REMOTE_FOLD_H

#include <stdbool.h>
#include <stddef.h>

enum {
  FOLD_LINE_MAX = 998,          /* bytes of a line, without its end */
  FOLD_HEADER_MAX = 65536       /* of a header that is looked at; nothing is touched behind a longer one */
};

struct fold {
  bool header;                  /* where we are */
  bool folds_header, folds_body;
  bool passes;                  /* the rest of a line that cannot be folded */
  bool after_cr;                /* the end of the line before: an LF belongs to it */
  size_t len;
  char pending[FOLD_LINE_MAX];  /* the beginning of a line whose end is not known */
};

/* How the message that begins with these bytes may be folded. Where `len` is FOLD_HEADER_MAX or more, and there is no end
   of the header in it: not at all. */
void fold_begin(struct fold *f, char const *header, size_t len);

/* Room that fold_text and fold_end need for len bytes of the message. */
static inline size_t fold_room(size_t len)
{
  return 2 * len + 2 * FOLD_LINE_MAX;
}

/* The next bytes of the message; what is to be sent is put in `to`. The length. */
size_t fold_text(struct fold *f, char *to, char const *s, size_t len);

/* What is left at the end. */
size_t fold_end(struct fold *f, char *to);

#endif
