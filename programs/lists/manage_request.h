/* manage_request: what is asked of ezmlm-manage by the address: [TABLE-]WORD[-BOX=DOMAIN], without the list's own name. Pure. */

#ifndef MAILTREE_MANAGE_REQUEST_H
#define MAILTREE_MANAGE_REQUEST_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "cookie.h"
#include "fields.h"

enum manage_word {
  WORD_SUBSCRIBE, WORD_UNSUBSCRIBE, WORD_QUERY, WORD_INFO, WORD_FAQ, WORD_LIST, WORD_LISTN, WORD_LOG, WORD_EDIT, WORD_GET,
  WORD_HELP,
  WORD_CONFIRM,                     /* sc. tc. rc. uc. vc. wc. */
  WORD_EDITED,                      /* ed. */
  WORD_UNKNOWN
};

struct manage_request {
  char const *table;                /* "" for the list itself, digest, allow, deny */
  enum manage_word word;
  char letter;                      /* of a confirmation: s t r u v w */
  bool dated;                       /* a confirmation, or an edited text, has a time and a cookie */
  struct dated_cookie cookie;
  struct field argument;            /* what stands behind log, edit, get and a separator; of an edited text the file's name */
  struct field target;              /* box=domain; s null: there is none */
};

/* False for a table's name that nothing follows. Parts lie in the text. */
bool manage_request_scan(struct manage_request *r, struct field text);

/* The address that is box=domain. Appends. */
void manage_request_address(stralloc *to, struct field target);

/* The name of a text that may be edited: letters, and '-' where the address has '_'. False for any other. Appends. */
bool manage_request_file(stralloc *to, struct field name);

#endif
